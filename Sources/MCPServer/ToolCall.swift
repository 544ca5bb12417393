// One call of a tool: arguments checked, done or handed to a job, and recorded before anything of it leaves.

internal import Governance
internal import JSON

struct ToolCall: Sendable {
  let tool: any Tool
  /// As the client has sent them.
  let sent: JSONObject
  let client: CallContext
  let service: ProductService
  let progress = CallProgress()

  func result() async -> ToolResult {
    let arguments: ToolArguments
    do throws(ToolFailure) {
      // Whatever was asked: nothing can be answered.
      guard service.governor.hasConnections else { throw Self.notConfigured }
      arguments = try ToolArguments(sent, for: tool)
    } catch {
      return await recorded(ToolResult(error), asSent, .failed, error)
    }
    let call = GovernedCall(client, tool: tool.name, connection: arguments.text(ToolParameter.connection.name))
    guard tool.isLong else { return await done(arguments, call) }
    let limits = service.limits
    let patience = arguments.seconds("wait_seconds", atMost: limits.longestPatience) ?? limits.patience
    return await doneOrGoingOn(call, waiting: patience) { await done(arguments, call) }
  }

  /// Whatever its arguments are worth.
  private var asSent: GovernedCall {
    GovernedCall(client, tool: tool.name, connection: sent["connection"]?.string ?? sent["database"]?.string)
  }

  /// A further round: somebody has answered the form about a proposal, or has not.
  func decided(_ id: String, _ decision: ApprovalForm.Decision) async -> ToolResult {
    let call = asSent
    let governor = service.governor
    return await doneOrGoingOn(call, waiting: service.limits.patience) {
      do throws(GovernedFailure) {
        let proposal: Proposal
        switch decision {
        case .approve(let hash): proposal = try await governor.approveAndRun(id, hash: hash, for: call)
        case .reject: proposal = try await governor.reject(id, for: call)
        case .none: proposal = try await governor.proposal(id, for: call)
        }
        return await recorded(ToolResult(ProposalAnswer(proposal, isAsked: decision == .none).answer), call, .success)
      } catch {
        let failure = ToolFailure(error)
        return await recorded(ToolResult(failure), call, .failed, failure)
      }
    }
  }

  private static let notConfigured = ToolFailure(
    "not_configured", "no database is configured yet",
    hint: "Start pgadvisor serve with a URL, or set DATABASE_URL or --config; nothing else is wrong.")

  private func done(_ arguments: ToolArguments, _ call: GovernedCall) async -> ToolResult {
    let isRecorded = tool.isRecorded(arguments)
    let context = service.toolContext(call, client, progress)
    do throws(ToolFailure) {
      let answer = try await tool.call(arguments, in: context)
      if isRecorded { return ToolResult(answer) }
      // Advice that was cancelled ends with what it has.
      return await recorded(
        ToolResult(answer), call, Task.isCancelled ? .cancelled : .success, verdict: answer.verdict)
    } catch {
      let taught = ToolResult(await context.taught(error))
      if isRecorded { return taught }
      let outcome: AuditRecord.Outcome =
        error.code == "refused" ? .refused : error.sqlState == "57014" ? .cancelled : .failed
      return await recorded(taught, call, outcome, error, verdict: error.verdict)
    }
  }

  /// What takes too long goes on as a job, and is recorded twice: now, and when it has ended.
  private func doneOrGoingOn(
    _ call: GovernedCall, waiting patience: Duration, _ work: @escaping @Sendable () async -> ToolResult
  ) async -> ToolResult {
    let run = await service.jobs.begin(
      tool.name, by: call.caller.principal, under: call.caller.policies, waiting: patience, progress, work)
    switch run {
    case .finished(let result): return result
    case .tooMany(let count):
      let failure = ToolFailure(
        "busy", "\(count) calls of this kind are running already", hint: "Wait for one, or stop it with job_cancel.")
      return await recorded(ToolResult(failure), call, .failed, failure)
    case .goesOn(let job):
      let result = await recorded(ToolResult(JobAnswer(job).answer), call, .success, note: "goes on as a job")
      if result.isError { _ = await service.jobs.cancel(job.id, for: call.caller.principal) }
      return result
    }
  }

  /// The answer, once its record is kept; nothing of it otherwise.
  private func recorded(
    _ result: ToolResult, _ call: GovernedCall, _ outcome: AuditRecord.Outcome, _ failure: ToolFailure? = nil,
    note: String? = nil, verdict: Verdict? = nil
  ) async -> ToolResult {
    let statements = sent["sql"]?.string ?? sent["queries"].map { $0.text() }
    do throws(GovernedFailure) {
      try await service.governor.note(
        call, since: progress.started, about: statements, outcome,
        reason: failure.map { $0.detail ?? $0.message } ?? note, rows: result.rows?.rows, verdict: verdict)
      return result
    } catch {
      return ToolResult(ToolFailure(error))
    }
  }
}

extension GovernedCall {
  init(_ client: CallContext, tool: String, connection: String? = nil) {
    self.init(caller: client.caller, callID: client.callID, tool: tool, connection: connection)
    self.client = client.client
    session = client.session
    trace = client.trace
  }
}

extension ProductService {
  func toolContext(
    _ call: GovernedCall, _ client: CallContext, _ progress: CallProgress = CallProgress()
  ) -> ToolContext {
    ToolContext(
      call: call, governor: governor, clientContext: client, limits: limits, version: version, results: results,
      jobs: jobs, reports: reports, thresholds: thresholds,
      progress: progress)
  }
}

extension JSONValue {
  /// Integers that a reader with doubles would change are texts, as in rows.
  fileprivate var readable: JSONValue {
    guard hasLargeNumbers else { return self }
    return switch self {
    case .integer(let number) where number.magnitude > 1 << 53: .string(String(number))
    case .array(let elements): .array(elements.map(\.readable))
    case .object(let object): .object(JSONObject(object.entries.map { ($0.key, $0.value.readable) }))
    default: self
    }
  }

  private var hasLargeNumbers: Bool {
    switch self {
    case .integer(let number): number.magnitude > 1 << 53
    case .array(let elements): elements.contains(where: \.hasLargeNumbers)
    case .object(let object): object.entries.contains(where: \.value.hasLargeNumbers)
    default: false
    }
  }
}

extension ToolResult {
  init(_ answer: ToolAnswer) {
    self.init(
      content: [["type": "text", "text": .string(answer.text)]] + answer.links,
      structured: JSONValue.object(answer.structured).readable.object,
      isError: answer.isError, rows: answer.rows)
    asks = answer.asks
  }

  init(_ failure: ToolFailure) { self.init(text: failure.text, isError: true) }
}
