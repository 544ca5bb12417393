// Calls that take longer than clients wait: they go on, and are asked for later.

internal import Governance

/// What there is to say about a job.
struct JobView: Sendable {
  enum Status: String, Sendable { case running, finished, failed, cancelled }

  var id: String
  var tool: String
  var status: Status
  var elapsed: Duration
  var line: String
  var steps: [String]
  /// Of a job that has ended.
  var result: ToolResult?
}

/// Long calls by unguessable names, each for the principal whose it is, bounded in number and time.
actor Jobs {
  private struct Job {
    var principal: Principal
    /// By connection, when it began: its result is not for whoever has others now.
    var policies: [String: EffectivePolicy]
    var tool: String
    var progress: CallProgress
    var task: Task<Void, Never>?
    var result: ToolResult?
    var isCancelled = false
    /// The call that began it still waits.
    var isAttached = true
    var ended: ContinuousClock.Instant?
    var elapsed: Duration?
    var waiters: [UInt64: Waiter] = [:]
  }

  private struct Waiter {
    var continuation: CheckedContinuation<Void, Never>
    var deadline: ContinuousClock.Instant
  }

  enum Run: Sendable {
    case finished(ToolResult)
    /// It goes on under this name.
    case goesOn(JobView)
    /// Too many of the same principal, or of all.
    case tooMany(Int)
  }

  private let limits: ProductLimits
  private var jobs: [String: Job] = [:]
  private var lastTicket: UInt64 = 0
  /// Gives up for all who wait long: most calls end long before, and a timer for each of them would wake a thread twice.
  private var clock: Task<Void, Never>?
  private static let tick = Duration.milliseconds(250)

  init(limits: ProductLimits) { self.limits = limits }

  /// Runs a call, and waits for it for a while. Cancelling the task that waits cancels the call; once it goes on by
  /// itself, only `cancel` does.
  func begin(
    _ tool: String, by principal: Principal, under policies: [String: EffectivePolicy] = [:],
    waiting patience: Duration, _ progress: CallProgress,
    _ work: @escaping @Sendable () async -> ToolResult
  ) async -> Run {
    forgetOld()
    let running = jobs.values.filter { $0.result == nil }
    let own = running.count { $0.principal == principal }
    guard own < limits.jobsOfOne else { return .tooMany(own) }
    guard running.count < limits.jobs else { return .tooMany(running.count) }
    let id = unguessableName(digits: 26)
    jobs[id] = Job(principal: principal, policies: policies, tool: tool, progress: progress)
    jobs[id]?.task = Task {
      let result = await work()
      end(id, result)
    }
    await withTaskCancellationHandler {
      await wait(for: id, atMost: patience)
    } onCancel: {
      Task { await cancel(id) }
    }
    if Task.isCancelled {
      cancel(id)
      await wait(for: id, atMost: .seconds(60), isCancellable: false)
    }
    jobs[id]?.isAttached = false
    if let result = jobs[id]?.result {
      jobs[id] = nil
      return .finished(result)
    }
    return view(id).map { .goesOn($0) } ?? .tooMany(own)
  }

  /// nil: unknown, forgotten, somebody else's, or under another policy.
  func status(
    _ id: String, for principal: Principal, under policies: [String: EffectivePolicy] = [:], waiting patience: Duration
  ) async -> JobView? {
    forgetOld()
    guard jobs[id]?.principal == principal, jobs[id]?.policies == policies else { return nil }
    if jobs[id]?.result == nil { await wait(for: id, atMost: patience) }
    return view(id)
  }

  /// What has ended already stays as it is.
  func cancel(_ id: String, for principal: Principal) async -> JobView? {
    guard jobs[id]?.principal == principal else { return nil }
    cancel(id)
    await wait(for: id, atMost: .seconds(10), isCancellable: false)
    return view(id)
  }

  /// Cancels all, and waits a little for their records.
  func close() async {
    for id in jobs.keys { cancel(id) }
    for id in jobs.keys { await wait(for: id, atMost: .seconds(2), isCancellable: false) }
  }

  private func cancel(_ id: String) {
    guard jobs[id]?.result == nil else { return }
    jobs[id]?.isCancelled = true
    jobs[id]?.task?.cancel()
  }

  private func end(_ id: String, _ result: ToolResult) {
    guard let job = jobs[id] else { return }
    jobs[id]?.result = result
    jobs[id]?.ended = .now
    jobs[id]?.elapsed = job.progress.elapsed
    jobs[id]?.task = nil
    jobs[id]?.waiters = [:]
    for waiter in job.waiters.values { waiter.continuation.resume() }
  }

  private func view(_ id: String) -> JobView? {
    guard let job = jobs[id] else { return nil }
    let status: JobView.Status =
      job.result.map { job.isCancelled ? .cancelled : $0.isError ? .failed : .finished } ?? .running
    return JobView(
      id: id, tool: job.tool, status: status, elapsed: job.elapsed ?? job.progress.elapsed, line: job.progress.line,
      steps: job.progress.steps, result: job.result)
  }

  /// Until it has ended, or for this long.
  private func wait(for id: String, atMost patience: Duration, isCancellable: Bool = true) async {
    guard let job = jobs[id], job.result == nil, patience > .zero else { return }
    lastTicket += 1
    let ticket = lastTicket
    let own: Task<Void, Never>?
    if patience >= .seconds(1) {
      own = nil
      startClock()
    } else {
      own = Task {
        do { try await Task.sleep(for: patience) } catch { return }
        giveUp(id, ticket)
      }
    }
    let deadline = ContinuousClock.now + patience
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if isCancellable && Task.isCancelled {
          continuation.resume()
        } else {
          jobs[id]?.waiters[ticket] = Waiter(continuation: continuation, deadline: deadline)
        }
      }
    } onCancel: {
      if isCancellable { Task { await giveUp(id, ticket) } }
    }
    own?.cancel()
  }

  private func giveUp(_ id: String, _ ticket: UInt64) {
    jobs[id]?.waiters.removeValue(forKey: ticket)?.continuation.resume()
  }

  /// Runs while anybody has waited since it has looked the last time.
  private func startClock() {
    guard clock == nil else { return }
    clock = Task {
      var seen: UInt64 = 0
      while lastTicket != seen || jobs.values.contains(where: { !$0.waiters.isEmpty }) {
        seen = lastTicket
        try? await Task.sleep(for: Self.tick)
        giveUpOnTheLate()
      }
      clock = nil
    }
  }

  private func giveUpOnTheLate() {
    let now = ContinuousClock.now
    for (id, job) in jobs {
      for (ticket, waiter) in job.waiters where waiter.deadline <= now { giveUp(id, ticket) }
    }
  }

  /// Results that nobody has asked for in time, and the oldest where there are too many.
  private func forgetOld() {
    let now = ContinuousClock.now
    let ended = jobs.filter { !$0.value.isAttached }
      .compactMap { id, job in job.ended.map { (id: id, at: $0) } }.sorted { $0.at < $1.at }
    let surplus = ended.count - limits.jobResults
    for (place, job) in ended.enumerated() where place < surplus || now - job.at > limits.jobLifetime {
      jobs[job.id] = nil
    }
  }
}
