// A family: each member writes the same advice for another reader.

/// Writes advice down; pure.
package protocol Renderer: Sendable {
  /// The name after `--format`.
  var id: String { get }
  var summary: String { get }
  /// The whole report, ending in a line feed.
  func render(_ advice: Advice) -> String
}
