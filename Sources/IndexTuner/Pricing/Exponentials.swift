// Three functions that Swift's library lacks.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// e to the power of x.
func exponential(_ x: Double) -> Double { exp(x) }

/// 1 − e to the power of −x, exact where x is small.
func chance(ofAny x: Double) -> Double { -expm1(-x) }

/// The natural logarithm.
func logarithm(_ x: Double) -> Double { log(x) }
