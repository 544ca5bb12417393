// What a client sends, read from bytes: the envelope of JSON-RPC and nothing above it.

internal import JSON

/// A request of the client, which is owed one answer.
struct ClientRequest: Sendable, Equatable {
  var id: RequestID
  var method: String
  /// Empty where there were none.
  var parameters: JSONObject

  /// The value of `_meta`; nil where it is missing or no object.
  var meta: JSONObject? { parameters["_meta"]?.object }
}

struct ClientNotification: Sendable, Equatable {
  var method: String
  var parameters: JSONObject
}

/// The client's answer to a question of ours (legacy only).
struct ClientAnswer: Sendable, Equatable {
  var id: RequestID
  /// Nil: the client answered with an error.
  var result: JSONValue?
}

/// One message.
enum Incoming: Sendable, Equatable {
  case request(ClientRequest)
  case notification(ClientNotification)
  case answer(ClientAnswer)
}

/// A message that is none, with its id as far as that could be read.
struct Malformed: Error, Equatable {
  var error: ProtocolError
  var id: RequestID?
}

/// What one line or one body holds.
enum Document: Sendable {
  case single(Incoming)
  /// In order; an element that is no message stands for itself.
  case batch([Result<Incoming, Malformed>])

  static let largestBatch = 100

  init(_ bytes: [UInt8]) throws(Malformed) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw Malformed(error: ProtocolError(.parse, "Parse error: \(error)"))
    }
    guard let elements = value.array else {
      self = .single(try Incoming(value))
      return
    }
    guard !elements.isEmpty, elements.count <= Self.largestBatch else {
      let reason = elements.isEmpty ? "an empty batch" : "a batch of more than \(Self.largestBatch)"
      throw Malformed(error: ProtocolError(.invalidRequest, "Invalid request: \(reason)"))
    }
    self = .batch(
      elements.map { element in
        do throws(Malformed) { return .success(try Incoming(element)) } catch { return .failure(error) }
      })
  }
}

extension Incoming {
  init(_ value: JSONValue) throws(Malformed) {
    guard let object = value.object else { throw Self.invalid("a message is an object", nil) }
    let id = RequestID(object["id"])
    guard object["jsonrpc"] == "2.0" else { throw Self.invalid("jsonrpc must be \"2.0\"", id) }
    guard let method = object["method"] else {
      self = .answer(try Self.answer(object, id))
      return
    }
    guard let method = method.string else { throw Self.invalid("method must be a string", id) }
    guard object["id"] == nil || id != nil else {
      throw Self.invalid("id must be an integer or a string of at most \(RequestID.longest) bytes", nil)
    }
    let parameters = object["params"]
    guard parameters == nil || parameters?.object != nil else {
      throw Malformed(error: .invalidParameters("params must be an object"), id: id)
    }
    let members = parameters?.object ?? JSONObject()
    if let id {
      self = .request(ClientRequest(id: id, method: method, parameters: members))
    } else {
      self = .notification(ClientNotification(method: method, parameters: members))
    }
  }

  private static func answer(_ object: JSONObject, _ id: RequestID?) throws(Malformed) -> ClientAnswer {
    guard object["result"] != nil || object["error"] != nil else {
      throw invalid("neither method nor result nor error", id)
    }
    guard let id else { throw invalid("an answer without a valid id", nil) }
    return ClientAnswer(id: id, result: object["error"] == nil ? object["result"] : nil)
  }

  private static func invalid(_ reason: String, _ id: RequestID?) -> Malformed {
    Malformed(error: ProtocolError(.invalidRequest, "Invalid request: \(reason)"), id: id)
  }
}
