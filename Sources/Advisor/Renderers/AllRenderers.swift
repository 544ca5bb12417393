// The renderers there are, the default first.

package import Terminal

/// Every renderer, for output in this style.
package func allRenderers(_ style: Style) -> [any Renderer] {
  [TextRenderer(style: style), JSONRenderer(), MarkdownRenderer()]
}
