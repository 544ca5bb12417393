// Checks of the code that a login may call, and of the guards that its sessions begin with.

import Database

private func me(_ facts: LoginFacts) -> String { quotedIdentifier(facts.login.role) }

private func functions(_ facts: LoginFacts, _ kind: LoginFacts.Object.Kind) -> [LoginFacts.Object] {
  facts.login.isSuperuser ? [] : facts.objects(kind)
}

private func revoke(_ functions: [LoginFacts.Object], _ facts: LoginFacts) -> [String] {
  PostureNames.some(
    functions.map { "REVOKE EXECUTE ON ROUTINE \($0.name) FROM \($0.isPublic ? "\(me(facts)), PUBLIC" : me(facts));" })
}

private func callable(
  _ id: String, _ kind: LoginFacts.Object.Kind, _ severity: Posture.Severity, _ grade: Posture.Grade, why: String,
  _ holds: @escaping @Sendable (LoginFacts.Object) -> Bool = { _ in true },
  describe: @escaping @Sendable (LoginFacts.Object) -> String = \.name
) -> PostureCheck {
  PostureCheck(
    id: id, severity: severity, grade: grade, why: why,
    look: { facts in
      PostureNames.counted(functions(facts, kind).filter(holds), one: "function", many: "functions", describe)
    },
    remedy: { facts in revoke(functions(facts, kind).filter(holds), facts) })
}

let codeChecks: [PostureCheck] = [
  callable(
    "reserved-functions", .granted, .warning, .c,
    why:
      "PostgreSQL keeps these functions from everybody because they reach files, other sessions or the server itself."),
  callable(
    "dblink", .network, .warning, .c,
    why: "dblink opens sessions of its own, here or on other servers, that are not READ ONLY."),
  callable(
    "untrusted-code", .untrusted, .warning, .c,
    why: "Code in C or an untrusted language may do all that the server's operating-system user may.",
    describe: { "\($0.name) of \($0.detail)" }),
  callable(
    "security-definer", .definer, .warning, .b,
    why: "They run with their owner's rights, and before 17 a function may leave the READ ONLY mode.",
    { !$0.isOwned }, describe: { "\($0.name) of \($0.detail)" }),
  PostureCheck(
    id: "large-objects", severity: .info, grade: .a,
    why: "Before 16 these functions write also under READ ONLY, and everybody may call them; the gate takes them for"
      + " writes.",
    look: { facts in
      facts.login.versionNumber >= 160_000
        ? nil : PostureNames.counted(facts.objects(.largeObject), one: "function", many: "functions")
    },
    remedy: { facts in
      ["-- where nobody uses large objects:"]
        + facts.objects(.largeObject).map { "REVOKE EXECUTE ON FUNCTION \($0.name) FROM PUBLIC;" }
    }),
  PostureCheck(
    id: "anonymous-code", severity: .info, grade: .a,
    why: "DO runs code that nobody has looked at; the gate never lets it through.",
    look: { facts in
      let languages = facts.objects(.language).filter { $0.detail == "trusted" && $0.isPublic }
      return PostureNames.counted(languages, one: "language", many: "languages")
    },
    remedy: { facts in
      ["-- where no migration of others needs it:"]
        + facts.objects(.language).filter { $0.detail == "trusted" && $0.isPublic }
        .map { "REVOKE USAGE ON LANGUAGE \($0.name) FROM PUBLIC;" }
    }),
  PostureCheck(
    id: "untrusted-language", severity: .info, grade: .a,
    why: "A superuser can write functions in it that do all that the server's operating-system user may.",
    look: { facts in
      PostureNames.counted(
        facts.objects(.language).filter { $0.detail == "untrusted" }, one: "language", many: "languages")
    },
    remedy: { facts in
      facts.objects(.language).filter { $0.detail == "untrusted" }
        .map { "DROP EXTENSION \($0.name); -- where nothing is written in it" }
    }),
]

/// `0ms` and `-1kB` are how "no limit" comes with its unit.
private func shown(_ value: String) -> String {
  switch value {
  case "0ms": "0, no limit"
  case "-1kB": "-1, no limit"
  default: value
  }
}

/// A guard that a new session of this login does not begin with.
private func missing(
  _ id: String, _ setting: String, _ isMissing: @escaping @Sendable (String) -> Bool, set value: String, why: String
) -> PostureCheck {
  PostureCheck(
    id: id, severity: .info, grade: .a, why: why,
    look: { facts in facts.setting(setting).flatMap { isMissing($0) ? "\(setting) = \(shown($0))" : nil } },
    remedy: { facts in ["ALTER ROLE \(me(facts)) SET \(setting) = \(value);"] })
}

let settingChecks: [PostureCheck] = [
  missing(
    "read-write-by-default", "default_transaction_read_only", { $0 != "on" }, set: "on",
    why: "What connects without pgadvisor begins read-write transactions."),
  missing(
    "row-security-off", "row_security", { $0 != "on" }, set: "on",
    why: "Queries on tables with row policies fail instead of being filtered."),
  missing(
    "no-statement-timeout", "statement_timeout", { $0 == "0ms" }, set: "'30s'",
    why: "What connects without pgadvisor may run for ever."),
  missing(
    "no-temporary-file-limit", "temp_file_limit", { $0.hasPrefix("-1") }, set: "'1GB'",
    why: "One sort or join may fill the disk; only a superuser can set the limit."),
  PostureCheck(
    id: "no-tls", severity: .info, grade: .a, why: "Rows and statements cross the network in clear text.",
    look: { facts in
      facts.login.usesTLS == false && !facts.login.isLocal
        ? "this connection is not encrypted"
          + (facts.setting("ssl") == "off" ? ": the server has ssl = off" : ", though the server could") : nil
    },
    remedy: { facts in
      facts.setting("ssl") == "off"
        ? ["ALTER SYSTEM SET ssl = on; -- with a certificate in ssl_cert_file"]
        : ["-- connect with sslmode=verify-full"]
    }),
]
