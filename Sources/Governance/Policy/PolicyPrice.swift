// What judging a statement takes from memory, with a policy and without: for `pgadvisor policy test --measure`.

extension Executor {
  /// The median of some turns; nil where memory does not suffice.
  package func timeToJudge(_ text: String, under policy: EffectivePolicy?, turns: Int = 501) -> Duration? {
    let memory = memory
    var times: [Duration] = []
    for _ in 0..<max(1, turns) {
      let start = ContinuousClock.now
      guard memory.verdict(on: text, under: policy) != nil else { return nil }
      times.append(.now - start)
    }
    return times.sorted()[times.count / 2]
  }
}
