// `pgadvisor doctor`: how much more than reading a login may do, and the role that is right.

import Database
import Governance
import JSON
import Terminal

struct DoctorCommand: Command {
  let name = "doctor"
  let summary = "Grade what a login may do beyond reading, with the SQL that creates the right role."
  let arguments = "[URL]"
  let details = """
    Looks at the catalog in one read-only transaction and changes nothing. The grade is that of the worst finding. \
    A: least privilege, it reads and nothing else. B: it reads, and leaves temporary tables or calls code with \
    others' rights. C: it reaches beyond reading, to other servers, sessions, new objects or hidden rows. D: it may \
    change data. F: no boundary, it may become more or leave the database. Information alone leaves an A.
    """
  let options: [Option] = [
    Option("role", .text("NAME"), "What the right role is to be called; pgadvisor_reader by default."),
    Option("format", .choice(["text", "json"]), "Text by default."), Option("json", "The same as --format json."),
    Option("no-color", "No colours, also on a terminal."),
  ]
  let exitCodes: [(code: ExitCode, meaning: String)] = [
    (.success, "Grade A."), (.findings, "A warning or worse: grades B to F."),
    (.failure, "Could not examine: no connection."), (.usage, "Wrong options."),
    (.interrupted, "Cancelled by Ctrl-C or SIGTERM."),
  ]
  let examples: [(line: String, meaning: String)] = [
    ("pgadvisor doctor postgres://agent@localhost/shop", "Findings with their remedies, and the right role."),
    ("pgadvisor doctor --json | jq -r '.cure[]' > role.sql", "The SQL alone; read it before you run it."),
  ]

  func run(_ arguments: ParsedArguments, in context: Context) async throws(Refusal) -> ExitCode {
    guard arguments.positionals.count <= 1 else {
      throw Refusal(message: "doctor takes one URL, not \(arguments.positionals.count) arguments")
    }
    let newRole = arguments.text("role") ?? "pgadvisor_reader"
    guard (1...63).contains(newRole.utf8.count) else { throw Refusal(message: "a role's name has 1 to 63 bytes") }
    let isJSON = try arguments.format() == "json"
    do throws(DatabaseError) {
      let session = try await Session.open(context.target(arguments.positionals.first))
      let facts: Result<LoginFacts, DatabaseError>
      do throws(DatabaseError) { facts = .success(try await session.loginFacts()) } catch { facts = .failure(error) }
      await session.close()
      let posture = Posture(judging: try facts.get(), newRole: newRole)
      let code: ExitCode = posture.grade == .a ? .success : .findings
      return context.deliver(
        isJSON ? posture.json.text(pretty: true) + "\n" : posture.text(style: context.style(arguments)), code)
    } catch {
      return context.report(error)
    }
  }
}

extension ExitCode {
  /// The code of `recommendations`: something was found that a script should stop at.
  static let findings = ExitCode.recommendations
}
