// Headers of a request.

import HTTPServer
import Testing

@Suite struct RequestTests {
  @Test func headersAreFoundWithoutRegardToCase() {
    let request = Request(method: "POST", path: "/mcp", headers: [Header("Mcp-Name", "a"), Header("mcp-name", "b")])
    #expect(request.values(of: "MCP-NAME") == ["a", "b"])
    #expect(request.values(of: "accept").isEmpty)
  }
}
