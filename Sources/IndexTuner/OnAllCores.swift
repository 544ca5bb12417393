// Work on many values that have nothing to do with each other.

/// What `work` makes of each, in order; in up to eight tasks at once, whichever cores take them.
func onAllCores<Value: Sendable, Result: Sendable>(
  _ values: [Value], _ work: @escaping @Sendable (Value) -> Result
) async -> [Result] {
  // Neighbours are alike: a part takes some from everywhere.
  let parts = min(8, values.count / 4)
  guard parts > 1 else { return values.map(work) }
  return await withTaskGroup(of: (Int, [Result]).self) { group in
    for part in 0..<parts {
      group.addTask {
        var results: [Result] = []
        for place in stride(from: part, to: values.count, by: parts) {
          results.append(work(values[place]))
          // Whoever asks the server meanwhile need not wait for all of it.
          await Task.yield()
        }
        return (part, results)
      }
    }
    var done = [[Result]](repeating: [], count: parts)
    for await (part, results) in group { done[part] = results }
    return values.indices.map { done[$0 % parts][$0 / parts] }
  }
}
