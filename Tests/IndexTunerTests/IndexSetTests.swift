// The set algebra that every configuration is made of, against the standard library's.

import IndexTuner
import Testing

@Suite struct IndexSetTests {
  @Test(arguments: (0..<200).map { UInt64($0) })
  func agreesWithSet(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    func random() -> [Int] {
      (0..<Int.random(in: 0...8, using: &numbers)).map { _ in Int.random(in: 0..<10, using: &numbers) }
    }
    let (left, right) = (random(), random())
    let (a, b) = (IndexSet(left), IndexSet(right))
    #expect(a.members == Set(left).sorted())
    #expect(a.union(b).members == Set(left).union(right).sorted())
    #expect(a.isSubset(of: b) == Set(left).isSubset(of: Set(right)))
    let member = Int.random(in: 0..<10, using: &numbers)
    #expect(a.contains(member) == left.contains(member))
    #expect(a.adding(member).members == Set(left).union([member]).sorted())
    #expect(a.removing(member).members == Set(left).subtracting([member]).sorted())
  }
}
