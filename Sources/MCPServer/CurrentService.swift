// The product under the configuration of the moment: each call asks anew who calls and what holds.

package import Governance
package import JSON

/// Lends every call the governor of the current regime, and the caller as that regime has it, so that a reload reaches
/// the next call. A call that runs keeps the governor it began with.
package struct CurrentService: Service {
  private let current: CurrentRegime
  private let state: ProductState

  package init(
    _ current: CurrentRegime, limits: ProductLimits = ProductLimits(), version: String = "",
    announcements: Announcements? = nil
  ) {
    self.current = current
    state = ProductState(limits: limits, version: version, announcements: announcements)
  }

  /// The product as one call sees it.
  private func product(_ governor: Governor, _ thresholds: [String: Double]) -> ProductService {
    ProductService(governor: governor, state: state, thresholds: thresholds)
  }

  private func now(_ caller: Caller) -> (service: ProductService, caller: Caller)? {
    current.governed(caller).map { (product($0.governor, $0.thresholds), $0.caller) }
  }

  private func now(_ context: CallContext) -> (service: ProductService, context: CallContext)? {
    guard let (service, caller) = now(context.caller) else { return nil }
    var context = context
    context.caller = caller
    return (service, context)
  }

  /// For one whose access has ended since the transport has asked.
  static let goodbye = "Your access has ended: an operator has changed who may come."

  package func instructions(for caller: Caller) -> String {
    guard let (service, caller) = now(caller) else { return Self.goodbye }
    return service.instructions(for: caller)
  }

  package func tools(for caller: Caller) -> [ToolDescription] {
    guard let (service, caller) = now(caller) else { return [] }
    return service.tools(for: caller)
  }

  package func call(_ tool: String, _ arguments: JSONObject, in context: CallContext) async -> ToolOutcome {
    guard let (service, context) = now(context) else {
      return .finished(ToolResult(text: Self.goodbye, isError: true))
    }
    return await service.call(tool, arguments, in: context)
  }

  package func resources(for caller: Caller) async -> [ResourceDescription] {
    guard let (service, caller) = now(caller) else { return [] }
    return await service.resources(for: caller)
  }

  package func resourceTemplates(for caller: Caller) -> [ResourceTemplate] {
    guard let (service, caller) = now(caller) else { return [] }
    return service.resourceTemplates(for: caller)
  }

  package func read(_ uri: String, in context: CallContext) async -> [ResourceContents]? {
    guard let (service, context) = now(context) else { return nil }
    return await service.read(uri, in: context)
  }

  package func prompts(for caller: Caller) -> [PromptDescription] {
    guard let (service, caller) = now(caller) else { return [] }
    return service.prompts(for: caller)
  }

  package func prompt(_ name: String, _ arguments: [String: String], in context: CallContext) async -> PromptOutcome? {
    guard let (service, context) = now(context) else { return nil }
    return await service.prompt(name, arguments, in: context)
  }

  package func completions(for request: CompletionRequest, in context: CallContext) async -> [String] {
    guard let (service, context) = now(context) else { return [] }
    return await service.completions(for: request, in: context)
  }

  package func mayHear(of uri: String, _ caller: Caller) -> Bool {
    guard let (service, caller) = now(caller) else { return false }
    return service.mayHear(of: uri, caller)
  }

  /// Ends what goes on although nobody waits for it.
  package func close() async { await state.jobs.close() }
}
