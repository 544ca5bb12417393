// The errors of JSON-RPC and of the protocol, each with its code and the HTTP status the modern era gives it.

package import JSON

/// Why a message is refused: what the client's program is told, as opposed to what a model is told by a failed tool.
package struct ProtocolError: Error, Sendable, Equatable {
  package enum Code: Int64, Sendable {
    case parse = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParameters = -32602
    case `internal` = -32603
    /// Modern only, these three.
    case headerMismatch = -32020
    case missingCapability = -32021
    case unsupportedVersion = -32022
    /// Legacy only, and so is the next: what the modern era says by -32602, and by ending the stream.
    case resourceNotFound = -32002
    case cancelled = -32800
  }

  package var code: Code
  package var message: String
  package var data: JSONValue?

  package init(_ code: Code, _ message: String, data: JSONValue? = nil) {
    self.code = code
    self.message = message
    self.data = data
  }

  /// The status of a modern answer, as long as none has been sent.
  var status: Int {
    switch code {
    case .methodNotFound: 404
    case .internal, .resourceNotFound, .cancelled: 200
    case .parse, .invalidRequest, .invalidParameters, .headerMismatch, .missingCapability, .unsupportedVersion: 400
    }
  }

  /// - Parameter id: left out where it could not be read: no version of the protocol allows null.
  func response(to id: RequestID?) -> JSONObject {
    var error: JSONObject = ["code": .integer(code.rawValue), "message": .string(message)]
    if let data { error["data"] = data }
    var response: JSONObject = ["jsonrpc": "2.0"]
    if let id { response["id"] = id.json }
    response["error"] = .object(error)
    return response
  }
}

extension ProtocolError {
  static func invalidParameters(_ message: String, data: JSONValue? = nil) -> ProtocolError {
    ProtocolError(.invalidParameters, message, data: data)
  }

  static func methodNotFound(_ method: String) -> ProtocolError {
    ProtocolError(.methodNotFound, "Method not found", data: .string(method))
  }

  static func unsupportedVersion(_ requested: String) -> ProtocolError {
    let supported = ProtocolVersion.modern.map { JSONValue.string($0.rawValue) }
    return ProtocolError(
      .unsupportedVersion, "Unsupported protocol version",
      data: ["supported": .array(supported), "requested": .string(requested)])
  }

  static func missingCapability(_ required: JSONObject) -> ProtocolError {
    let names = required.entries.map(\.key).joined(separator: ", ")
    return ProtocolError(
      .missingCapability, "This needs a capability that the client has not declared: \(names)",
      data: ["requiredCapabilities": .object(required)])
  }
}
