// A place with a configuration, its store, and a database, for what is proposed over the protocol and decided by people.

import Foundation
import JSON
import Support
import Testing

@testable import CLI

private let schema = """
  CREATE TABLE public.ledger (entry integer);
  CREATE TABLE public.customers (id integer PRIMARY KEY, email text);
  INSERT INTO public.customers VALUES (1, 'ada@example.com');
  """

struct ProposalScene: Sendable {
  let directory: String
  let url: String
  /// As `--store` takes it.
  let store: String
  var file: String { "\(directory)/pgadvisor.yaml" }

  func proposals(_ arguments: String...) throws -> (status: Int32, text: String) {
    let output = try runCommand([builtProgram, "proposals"] + arguments + ["--config", file])
    return (output.status, output.text)
  }

  func json(_ arguments: String...) throws -> JSONValue {
    let output = try runCommand([builtProgram, "proposals"] + arguments + ["--config", file, "--json"])
    return try JSONValue(parsing: output.text)
  }

  func serve() throws -> ServedProcess { try ServedProcess(["--config", file]) }

  func rows(_ sql: String) throws -> String {
    try requireCommand(["psql", url, "-XAtc", sql]).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// - Parameters:
///   - isShared: its store is in the database, too.
///   - inClient: the user behind the agent may decide in the client.
func withProposals(
  agent: String = "mode: propose", more: String = "", isShared: Bool = false, inClient: Bool = false,
  hasExtensions: Bool = false,
  _ body: @Sendable (ProposalScene) async throws -> Void
) async throws {
  try await withDatabase(schema: schema, hasExtensions: hasExtensions) { url in
    try await withFiles([:]) { directory in
      let office = ProposalScene(
        directory: directory, url: url, store: isShared ? url : "\(directory)/store.db")
      try write(
        """
        connections:
          - {name: shop, url: "\(url)"}
        users: [{name: alice}, {name: bob}, {name: carol}]
        agents:
          - {id: bot, on_behalf_of: alice, \(agent)}
        iam:
          - {connection: shop, permissions: ["*"], members: ["user:alice"]}
        proposals:
          self_approval: \(inClient)
          approvers:
            - {connection: shop, permissions: [write, ddl], members: ["user:bob", "user:alice"], in_client: \(inClient)}
        server:
          store: \(isShared ? url : "store.db")
        \(more)
        """, to: office.file)
      try await body(office)
    }
  }
}

func propose(_ sql: String, _ served: ServedProcess) async throws -> JSONValue {
  let arguments = JSONValue.object(["sql": .string(sql)]).text()
  let answer = try await served.call("execute_sql", arguments)
  guard let proposal = answer["result"]?["structuredContent"]?["proposal"] else {
    throw CommandFailure(description: answer.text())
  }
  return proposal
}
