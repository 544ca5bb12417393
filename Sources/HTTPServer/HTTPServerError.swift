// The room's one error: why the server cannot be started, and what to do about it.

package struct HTTPServerError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    /// The host is neither an address nor a name that can be resolved.
    case unknownHost
    /// The address is none of this machine.
    case addressNotAvailable
    /// Somebody else listens there.
    case addressInUse
    /// The port is for privileged programs.
    case notPermitted
    /// The certificate or its key cannot be read, or they do not belong together.
    case badIdentity
    /// Any other failure to begin.
    case cannotStart
  }

  package var code: Code
  /// One line.
  package var message: String

  package init(code: Code, message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
