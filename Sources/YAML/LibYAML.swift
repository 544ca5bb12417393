// libyaml's parser and its events, each freed by its owner. The only file that says `yaml_`.

internal import CYAML

/// What a document consists of, one piece after the other. Not libyaml's documents: those are whole before anybody can
/// look at their depth, and 200 kB of brackets take minutes by then.
enum YAMLPiece {
  case scalar([UInt8], isPlain: Bool, YAMLProperties)
  case alias(String)
  case listStart(YAMLProperties)
  case listEnd
  case mapStart(YAMLProperties)
  case mapEnd
  case documentStart
  case streamEnd
  /// Where a stream or a document begins or ends, and nothing depends on it.
  case other
}

/// What may stand before a value.
struct YAMLProperties {
  var anchor: String?
  /// In full; nil where the value's own kind says it.
  var tag: String?
}

/// What libyaml says is wrong, with places that count from 0.
struct YAMLComplaint: Error {
  /// Fixed words of libyaml's: nothing of the text is in them.
  var problem: String
  var context = ""
  var contextLine: Int?
  var line = 0
  var column = 0
  /// Where the bytes themselves are at fault: an offset into them.
  var badByte: Int?
}

/// One parser with its text. https://pyyaml.org/wiki/LibYAML
struct YAMLParser: ~Copyable {
  private let pointer: UnsafeMutablePointer<yaml_parser_t>
  private let text: UnsafeMutableBufferPointer<UInt8>
  private let isReady: Bool

  init(_ bytes: [UInt8]) {
    pointer = .allocate(capacity: 1)
    // One more, since an empty buffer may have no address.
    text = .allocate(capacity: bytes.count + 1)
    _ = text.initialize(from: bytes + [0])
    isReady = yaml_parser_initialize(pointer) == 1
    guard isReady else { return }
    yaml_parser_set_encoding(pointer, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(pointer, text.baseAddress, bytes.count)
  }

  deinit {
    if isReady { yaml_parser_delete(pointer) }
    pointer.deallocate()
    text.deallocate()
  }

  /// The next piece and its place.
  func next() throws(YAMLComplaint) -> (YAMLPiece, YAMLPlace) {
    guard isReady else { throw YAMLComplaint(problem: "out of memory") }
    let event = YAMLEvent(parsedBy: pointer)
    guard event.isWhole else { throw complaint }
    return (event.piece, event.place)
  }

  private var complaint: YAMLComplaint {
    func text(_ words: UnsafePointer<CChar>?) -> String { words.map { String(cString: $0) } ?? "" }
    let parser = pointer.pointee
    if parser.error == YAML_MEMORY_ERROR { return YAMLComplaint(problem: "out of memory") }
    var complaint = YAMLComplaint(problem: text(parser.problem), context: text(parser.context))
    if parser.error == YAML_READER_ERROR { complaint.badByte = Int(parser.problem_offset) }
    complaint.line = Int(parser.problem_mark.line)
    complaint.column = Int(parser.problem_mark.column)
    if !complaint.context.isEmpty { complaint.contextLine = Int(parser.context_mark.line) }
    return complaint
  }
}

/// One event of libyaml's.
private struct YAMLEvent: ~Copyable {
  private let pointer: UnsafeMutablePointer<yaml_event_t>
  let isWhole: Bool

  init(parsedBy parser: UnsafeMutablePointer<yaml_parser_t>) {
    pointer = .allocate(capacity: 1)
    isWhole = yaml_parser_parse(parser, pointer) == 1
  }

  deinit {
    // What could not be parsed is empty.
    if isWhole { yaml_event_delete(pointer) }
    pointer.deallocate()
  }

  var place: YAMLPlace {
    let mark = pointer.pointee.start_mark
    return YAMLPlace(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  var piece: YAMLPiece {
    let event = pointer.pointee
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      return .scalar(
        [UInt8](UnsafeBufferPointer(start: scalar.value, count: scalar.length)),
        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
        Self.properties(scalar.anchor, scalar.tag, YAML_STR_TAG))
    case YAML_ALIAS_EVENT: return .alias(Self.text(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_START_EVENT:
      let list = event.data.sequence_start
      return .listStart(Self.properties(list.anchor, list.tag, YAML_SEQ_TAG))
    case YAML_SEQUENCE_END_EVENT: return .listEnd
    case YAML_MAPPING_START_EVENT:
      let map = event.data.mapping_start
      return .mapStart(Self.properties(map.anchor, map.tag, YAML_MAP_TAG))
    case YAML_MAPPING_END_EVENT: return .mapEnd
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .streamEnd
    default: return .other
    }
  }

  private static func properties(
    _ anchor: UnsafeMutablePointer<yaml_char_t>?, _ tag: UnsafeMutablePointer<yaml_char_t>?, _ usual: String
  ) -> YAMLProperties {
    // `!` alone says that a value is no number, which quotes say as well.
    YAMLProperties(anchor: text(anchor), tag: text(tag).flatMap { $0 == usual ? nil : $0 })
  }

  private static func text(_ words: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    words.map { String(cString: $0) }
  }
}
