// From text to nodes, with everything refused that makes a document mean something else than it seems to.

extension YAMLNode {
  /// The one document of a text; nil where there is none, or nothing but comments.
  package static func read(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> YAMLNode? {
    guard bytes.count <= limits.bytes else {
      throw YAMLError(faults: [
        .init(.tooLarge, "the text has \(bytes.count) bytes, and at most \(limits.bytes) are read", at: nil)
      ])
    }
    var reading = YAMLReading(of: bytes, limits: limits)
    let (node, faults) = reading.document()
    if !faults.isEmpty { throw YAMLError(faults: faults) }
    return node
  }
}

/// One conversion with what it has met so far.
private struct YAMLReading: ~Copyable {
  /// Reading cannot go on; the last fault says why.
  private struct Stop: Error {}

  /// What an alias stands for.
  private struct Anchored {
    var node: YAMLNode
    var weight: Int
    var height: Int
  }

  private let limits: YAMLLimits
  private let bytes: [UInt8]
  private let parser: YAMLParser
  private var faults: [YAMLError.Fault] = []
  private var anchors: [String: Anchored] = [:]
  /// Nodes so far, with what aliases stand for.
  private var nodes = 0
  /// The greatest depth since this was last asked for.
  private var deepest = 0

  init(of bytes: [UInt8], limits: YAMLLimits) {
    self.limits = limits
    self.bytes = bytes
    parser = YAMLParser(bytes)
  }

  mutating func document() -> (YAMLNode?, [YAMLError.Fault]) {
    var root: YAMLNode?
    do {
      while true {
        let (piece, place) = try parser.next()
        switch piece {
        case .streamEnd: return (root, faults)
        case .documentStart where root != nil:
          try note(.init(.severalDocuments, "a second document begins here, and only one is read", at: place))
          return (root, faults)
        case .documentStart, .other: continue
        default: root = try node(piece, place, depth: 0)
        }
      }
    } catch let complaint as YAMLComplaint {
      faults.append(Self.fault(complaint, bytes))
    } catch {
      // The fault is noted.
    }
    return (nil, faults)
  }

  /// - Throws: where so many faults were found that nobody would read more.
  private mutating func note(_ fault: YAMLError.Fault) throws {
    faults.append(fault)
    if faults.count >= limits.faults { throw Stop() }
  }

  private mutating func stop(_ code: YAMLError.Code, _ message: String, at place: YAMLPlace) -> Stop {
    faults.append(.init(code, message, at: place))
    return Stop()
  }

  private mutating func count(_ weight: Int, at place: YAMLPlace) throws {
    nodes += weight
    guard nodes <= limits.nodes else {
      throw stop(
        .tooManyNodes, "the document has more than \(limits.nodes) values when its aliases are expanded", at: place)
    }
  }

  private mutating func go(to depth: Int, at place: YAMLPlace) throws {
    guard depth <= limits.depth else {
      throw stop(.tooDeep, "lists and maps stand in one another more than \(limits.depth) deep", at: place)
    }
    deepest = max(deepest, depth)
  }

  private mutating func node(_ piece: YAMLPiece, _ place: YAMLPlace, depth: Int) throws -> YAMLNode {
    let before = nodes
    switch piece {
    case .scalar(let bytes, let isPlain, let properties):
      try count(1, at: place)
      let node = YAMLNode(.scalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain), at: place)
      try take(properties, of: node, weight: 1, height: 0)
      return node
    case .alias(let name):
      guard let anchored = anchors[name] else {
        throw stop(.syntax, "this alias stands for nothing that was named before it", at: place)
      }
      try count(anchored.weight, at: place)
      try go(to: depth + anchored.height, at: place)
      return YAMLNode(anchored.node.content, at: place)
    case .listStart(let properties):
      return try collection(properties, from: before, place, depth) { reading in try reading.list(depth: depth + 1) }
    case .mapStart(let properties):
      return try collection(properties, from: before, place, depth) { reading in try reading.map(depth: depth + 1) }
    case .listEnd, .mapEnd, .documentStart, .streamEnd, .other:
      throw stop(.syntax, "a value is missing here", at: place)
    }
  }

  private mutating func collection(
    _ properties: YAMLProperties, from before: Int, _ place: YAMLPlace, _ depth: Int,
    _ content: (_ reading: inout YAMLReading) throws -> YAMLNode.Content
  ) throws -> YAMLNode {
    try count(1, at: place)
    let outer = deepest
    deepest = depth
    try go(to: depth + 1, at: place)
    let node = YAMLNode(try content(&self), at: place)
    try take(properties, of: node, weight: nodes - before, height: deepest - depth)
    deepest = max(outer, deepest)
    return node
  }

  private mutating func take(_ properties: YAMLProperties, of node: YAMLNode, weight: Int, height: Int) throws {
    if let tag = properties.tag {
      try note(.init(.tag, "the tag \(tag.prefix(60)) is not known here", at: node.place))
    }
    guard let name = properties.anchor else { return }
    guard anchors[name] == nil else {
      return try note(.init(.syntax, "two values are named &\(name.prefix(40))", at: node.place))
    }
    anchors[name] = Anchored(node: node, weight: weight, height: height)
  }

  private mutating func list(depth: Int) throws -> YAMLNode.Content {
    var items: [YAMLNode] = []
    while true {
      let (piece, place) = try parser.next()
      if case .listEnd = piece { return .list(items) }
      items.append(try node(piece, place, depth: depth))
    }
  }

  private mutating func map(depth: Int) throws -> YAMLNode.Content {
    var entries: [YAMLEntry] = []
    var lines: [String: Int] = [:]
    while true {
      let (piece, place) = try parser.next()
      if case .mapEnd = piece { return .map(entries) }
      let key = try node(piece, place, depth: depth)
      let (valuePiece, valuePlace) = try parser.next()
      let value = try node(valuePiece, valuePlace, depth: depth)
      guard case .scalar(let name, _) = key.content else {
        try note(.init(.keyIsNoText, "a key is one word, and this one is a list or a map", at: place))
        continue
      }
      guard let line = lines.updateValue(place.line, forKey: name) else {
        entries.append(YAMLEntry(key: name, at: place, value: value))
        continue
      }
      try note(
        .init(.duplicateKey, "the key \"\(name.prefix(40))\" stands here a second time, after line \(line)", at: place))
    }
  }

  // MARK: - libyaml's complaints

  private static func fault(_ complaint: YAMLComplaint, _ bytes: [UInt8]) -> YAMLError.Fault {
    if let offset = complaint.badByte { return badByte(at: offset, of: bytes) }
    let place = YAMLPlace(line: complaint.line + 1, column: complaint.column + 1)
    if isTab(at: place, of: bytes) {
      return .init(.syntax, "a tab stands here; lines are indented with blanks only", at: place)
    }
    var message = complaint.problem
    if !complaint.context.isEmpty {
      message += " \(complaint.context)" + (complaint.contextLine.map { " that begins in line \($0 + 1)" } ?? "")
    }
    return .init(.syntax, message, at: place)
  }

  private static func badByte(at offset: Int, of bytes: [UInt8]) -> YAMLError.Fault {
    let before = bytes.prefix(offset)
    let start = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    let line = before.count { $0 == 0x0a } + 1
    let column = String(decoding: before[start...], as: UTF8.self).unicodeScalars.count + 1
    return .init(
      .encoding, "a byte that is no text in UTF-8, or a control character", at: YAMLPlace(line: line, column: column))
  }

  private static func isTab(at place: YAMLPlace, of bytes: [UInt8]) -> Bool {
    let lines = bytes.split(separator: 0x0a, maxSplits: place.line, omittingEmptySubsequences: false)
    guard lines.count >= place.line else { return false }
    let characters = String(decoding: lines[place.line - 1], as: UTF8.self).unicodeScalars
    return characters.dropFirst(place.column - 1).first == "\t"
  }
}
