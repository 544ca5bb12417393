// What an operator decides about the gate.

/// Settings of a gate; the defaults are the restricted mode.
package struct GateOptions: Sendable, Equatable {
  /// Functions that the operator vouches for, by exact signature: `app.total(integer, text)`.
  package var allowedFunctions: Set<String> = []
  /// Foreign servers whose tables may be read.
  package var allowedForeignServers: Set<String> = []
  /// Schemas whose relations may be touched, also behind views; nil: all.
  package var allowedSchemas: Set<String>?
  /// Text that the parser or the reader does not know counts as `admin`. Not where schemas are allowed one by one: nobody
  /// can say which ones such text touches.
  package var runsUnproven = false
  package var limits = GateLimits()
  /// A policy may hide something: what is called looks at its arguments alone, and no operator's word is enough.
  package internal(set) var isPoliced = false

  package init() {}

  /// The same for callers with a policy.
  package var policed: GateOptions {
    var options = self
    options.isPoliced = true
    options.allowedFunctions = []
    options.runsUnproven = false
    return options
  }
}

/// Bounds of judging.
package struct GateLimits: Sendable, Equatable {
  /// Questions to the catalog for one text: views over views over functions take one round each.
  package var rounds = 40
  /// Names that are kept; when there are more, all are forgotten.
  package var rememberedNames = 20_000
  /// Definitions inside definitions.
  package var depth = 64
  /// Views inside views that take a view's place under a policy, and the bytes of what they come to.
  package var viewDepth = 16
  package var viewBytes = 100_000

  package init() {}
}
