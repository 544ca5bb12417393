// The text form of a tool's result.

import JSON
import MCPServer
import Testing

@Suite struct ToolResultTests {
  @Test func aTextIsOneBlock() {
    let result = ToolResult(text: "a", structured: ["b": 1])
    #expect(result.content == [["type": "text", "text": "a"]])
    #expect(!result.isError)
  }
}
