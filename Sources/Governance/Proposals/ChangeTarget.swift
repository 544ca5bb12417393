// What an approval is bound to: where a statement would run, and what its names mean there.

internal import Cryptography
import Database
package import JSON

/// Compared before an approved statement runs: whatever is different makes the approval worthless.
package struct ChangeTarget: Sendable, Equatable {
  package struct Object: Sendable, Equatable {
    package var kind: String
    package var name: String
    package var oid: Int64
    /// Digests, by the part's name.
    package var parts: [(name: String, digest: String)]

    package static func == (left: Object, right: Object) -> Bool {
      (left.kind, left.name, left.oid) == (right.kind, right.name, right.oid)
        && left.parts.elementsEqual(right.parts) { $0 == $1 }
    }
  }

  package var connection: String
  /// The cluster, by what initdb has given it.
  package var system: String?
  package var databaseID: Int64
  package var database: String
  package var role: String
  package var searchPath: [String]
  package var objects: [Object]

  init(_ connection: String, _ identity: ServerIdentity, _ parts: [ObjectPart]) {
    self.connection = connection
    (system, databaseID) = (identity.system, Int64(identity.databaseID))
    (database, role, searchPath) = (identity.database, identity.role, identity.searchPath)
    objects = []
    for part in parts {
      if objects.last.map({ $0.kind != part.kind.rawValue || $0.oid != Int64(part.oid) }) ?? true {
        objects.append(Object(kind: part.kind.rawValue, name: part.name, oid: Int64(part.oid), parts: []))
      }
      objects[objects.count - 1].parts.append((part.part, part.digest))
    }
  }

  package init?(_ json: JSONValue?) {
    guard let connection = json?["connection"]?.string, let databaseID = json?["database_oid"]?.integer,
      let database = json?["database"]?.string, let role = json?["role"]?.string,
      let path = json?["search_path"]?.array, let objects = json?["objects"]?.array
    else { return nil }
    self.connection = connection
    system = json?["system_identifier"]?.string
    (self.databaseID, self.database, self.role) = (databaseID, database, role)
    searchPath = path.compactMap(\.string)
    self.objects = objects.compactMap { object in
      guard let kind = object["kind"]?.string, let name = object["name"]?.string, let oid = object["oid"]?.integer,
        let parts = object["parts"]?.object
      else { return nil }
      return Object(kind: kind, name: name, oid: oid, parts: parts.entries.map { ($0.key, $0.value.string ?? "") })
    }
  }

  package var json: JSONValue {
    [
      "connection": .string(connection), "system_identifier": system.map { .string($0) } ?? .null,
      "database_oid": .integer(databaseID), "database": .string(database), "role": .string(role),
      "search_path": .array(searchPath.map { .string($0) }),
      "objects": .array(
        objects.map { object in
          [
            "kind": .string(object.kind), "name": .string(object.name), "oid": .integer(object.oid),
            "parts": .object(JSONObject(object.parts.map { ($0.name, JSONValue.string($0.digest)) })),
          ]
        }),
    ]
  }

  /// What an approval of this statement here is an approval of: SHA-256, in hexadecimal.
  package func digest(of text: String, _ values: [String?]) -> String {
    let bound: JSONValue = [
      "pgadvisor proposal": 1, "sql": .string(text),
      "parameters": .array(values.map { $0.map { .string($0) } ?? .null }), "target": json,
    ]
    return hexadecimal(sha256(bound.bytes()))
  }

  /// In words, what is not as it was; empty: nothing.
  package func changes(since before: ChangeTarget) -> [String] {
    var changes: [String] = []
    if system != before.system { changes.append("the connection leads to another cluster") }
    if (databaseID, database) != (before.databaseID, before.database) {
      changes.append("the connection leads to another database, \(database)")
    }
    if role != before.role { changes.append("the role is \(role), and was \(before.role)") }
    if searchPath != before.searchPath { changes.append("the search path is another one") }
    for old in before.objects {
      guard let now = objects.first(where: { $0.kind == old.kind && $0.oid == old.oid }) else {
        let other = objects.first { $0.kind == old.kind && $0.name == old.name }
        let what = other == nil ? "is gone" : "was dropped and made anew"
        changes.append("the \(old.kind) \(old.name) \(what)")
        continue
      }
      if now.name != old.name { changes.append("the \(old.kind) \(old.name) is called \(now.name) now") }
      for part in old.parts where now.parts.first(where: { $0.name == part.name })?.digest != part.digest {
        changes.append("the \(old.kind) \(old.name) has another state of its \(part.name)")
      }
    }
    for object in objects where !before.objects.contains(where: { $0.kind == object.kind && $0.oid == object.oid }) {
      guard !before.objects.contains(where: { $0.kind == object.kind && $0.name == object.name }) else { continue }
      changes.append("the \(object.kind) \(object.name) is there now")
    }
    return changes
  }
}

extension Session {
  /// - Parameter names: those of the statement.
  func changeTarget(
    _ connection: String, _ names: (relations: [WrittenObject], others: [WrittenObject])
  ) async throws(DatabaseError) -> ChangeTarget {
    let identity = try await serverIdentity()
    return ChangeTarget(
      connection, identity, try await objectParts(relations: names.relations, others: names.others))
  }
}
