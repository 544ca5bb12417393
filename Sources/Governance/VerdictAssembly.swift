// From what was weighed to the verdict.

import Database

extension Verdict {
  /// The strongest demand decides; among equals the first in the text.
  init(_ weighing: Weighing, names: LoadedNames, isCatalogComplete: Bool) {
    var deciding: Demand?
    var notes: [String] = []
    for demand in weighing.demands {
      if case .permission(let permission) = demand.need { permissions.insert(permission) }
      if let note = demand.note, !notes.contains(note) { notes.append(note) }
      guard let current = deciding else {
        deciding = demand
        continue
      }
      if demand.need.rank > current.need.rank { deciding = demand }
    }
    isRejected = deciding?.need == .rejection || deciding?.need == .unproven
    if isRejected { permissions = [] }
    rule = deciding?.rule ?? "no-rule"
    message = deciding?.message ?? "no rule decided"
    position = deciding?.position
    wayOut = deciding?.wayOut
    if deciding == nil { isRejected = true }
    relations = Self.relations(weighing, names)
    functions = Self.functions(weighing, names)
    lasting = weighing.implied.lasting
    if !isCatalogComplete { notes += Self.unknowns(weighing) }
    self.notes = notes
  }

  private static func relations(_ weighing: Weighing, _ names: LoadedNames) -> [RelationUse] {
    var uses: [RelationUse] = []
    var named: Set<UInt32> = []
    for (mention, found) in weighing.relations {
      let entry = found?.entry
      let isWritten = mention.access == .write
      let use = RelationUse(
        schema: entry?.schema ?? mention.schema, name: entry?.name ?? mention.name, isWritten: isWritten,
        isRead: !isWritten || mention.isAlsoRead,
        columns: mention.hasAllColumns ? nil : mention.columns.sortedOnce, isIndirect: false)
      if let entry { named.insert(entry.id) }
      if let same = uses.firstIndex(where: { $0.schema == use.schema && $0.name == use.name }) {
        uses[same].merge(use)
      } else {
        uses.append(use)
      }
    }
    let indirect = weighing.implied.reads.union(weighing.implied.writes).subtracting(named).sorted()
    for id in indirect {
      guard let known = names.relationsByID[id], let entry = known?.entry else { continue }
      uses.append(
        RelationUse(
          schema: entry.schema, name: entry.name, isWritten: weighing.implied.writes.contains(id),
          isRead: weighing.implied.reads.contains(id), columns: nil, isIndirect: true))
    }
    return uses
  }

  private static func functions(_ weighing: Weighing, _ names: LoadedNames) -> [FunctionUse] {
    var uses: [FunctionUse] = []
    for use in weighing.functions where !uses.contains(use) { uses.append(use) }
    for id in weighing.implied.functions.sorted() {
      guard let known = names.functionsByID[id], let candidate = known else { continue }
      let signature = candidate.entry.signature
      guard !uses.contains(where: { $0.signature == signature }) else { continue }
      uses.append(FunctionUse(signature: signature, permission: .read))
    }
    return uses
  }

  /// What nobody could look up without a server.
  private static func unknowns(_ weighing: Weighing) -> [String] {
    let unknown = weighing.relations.filter { $0.found == nil }.map { relation, _ in
      relation.schema.map { "\($0).\(relation.name)" } ?? relation.name
    }
    if unknown.isEmpty { return [] }
    let names = Set(unknown).sorted().joined(separator: ", ")
    return ["not looked at, because there was no server: what reading or writing \(names) makes it evaluate"]
  }
}

extension Verdict {
  /// Refused because it touches a relation outside of these schemas, in the words for what does not exist.
  func outside(_ schemas: Set<String>) -> Verdict? {
    guard !isRejected, let foreign = relations.first(where: { $0.schema.map { !schemas.contains($0) } ?? false }) else {
      return nil
    }
    var refusal = self
    refusal.isRejected = true
    refusal.permissions = []
    refusal.rule = "schema"
    refusal.message =
      "the relation \(foreign.isIndirect ? "behind this statement" : foreign.qualifiedName) is not available here"
    refusal.wayOut = "list_objects shows what can be used."
    refusal.absent = foreign.isIndirect ? nil : foreign.qualifiedName
    refusal.relations = relations.filter { $0.schema.map { schemas.contains($0) } ?? true }
    refusal.notes = []
    return refusal
  }
}

extension [String] {
  /// In order, each once.
  fileprivate var sortedOnce: [String] {
    var once: [String] = []
    for name in sorted() where once.last != name { once.append(name) }
    return once
  }
}

extension RelationUse {
  fileprivate mutating func merge(_ other: RelationUse) {
    isRead = isRead || other.isRead
    isWritten = isWritten || other.isWritten
    if let mine = columns, let theirs = other.columns {
      columns = (mine + theirs).sortedOnce
    } else {
      columns = nil
    }
  }
}
