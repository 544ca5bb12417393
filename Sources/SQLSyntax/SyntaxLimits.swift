// The bounds of this room.

/// How much SQL text is read, and how deeply it may be nested.
package struct SyntaxLimits: Sendable {
  /// The longest text that is parsed at all, in bytes.
  package var textBytes = 16 << 20
  /// The most tokens, comments included, of a text that is parsed. libpg_query takes some 150 bytes of memory for each.
  package var tokens = 3_000_000
  /// The most operator characters and comments side by side in a text that is longer than `bytesInPlace`. PostgreSQL's
  /// operators have at most 63 characters.
  package var operatorCharacters = 128
  /// The most levels of nodes a tree may have. A longer chain of `a + b + c …` is refused, lists may be of any length.
  package var treeDepth = 1_000
  #if canImport(Glibc)
    /// The longest text that is parsed on the caller's stack without counting its tokens: at most one level a byte, so
    /// 1.5 MB.
    var bytesInPlace = 4 << 10
    /// The most tokens of a text up to `bytesUnmeasured` that is parsed on the caller's stack: one level a token.
    var tokensInPlace = 4 << 10
  #else
    // Not the 8 MiB that threads have elsewhere.
    var bytesInPlace = 512
    var tokensInPlace = 512
  #endif
  /// The longest text whose depth is not measured before its tree is built: 8,000 levels cost less than measuring.
  var bytesUnmeasured = 16 << 10
  /// The stack that long texts are parsed on, in bytes, at least. Virtual: only what is touched takes memory.
  var stackBytes = 256 << 20
  /// The stack for each byte of text. The shortest link of a chain, `+1`, is two bytes, for which the JSON writer takes
  /// 130 bytes of stack; the greedier protobuf writer runs when the depth is known to be harmless.
  var stackBytesPerByte = 80

  /// The stack for each level of a tree that is written out.
  var stackBytesPerLevel = 4 << 10

  package init() {}
}
