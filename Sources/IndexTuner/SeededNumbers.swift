// Numbers that look random and are the same every time.

/// SplitMix64 (https://prng.di.unimi.it/splitmix64.c): one seed, one sequence, on every machine.
package struct SeededNumbers: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// A sequence of its own for every text, so that what is drawn for one statement does not depend on the others.
  package init(seed: UInt64, text: String) {
    // FNV-1a.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    state = hash ^ (seed &* 0x9e37_79b9_7f4a_7c15)
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// In 0 ..< 1.
  package mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}
