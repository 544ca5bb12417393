// Checks of what a login is, and of the roles it has or may become.

import Database

private func me(_ facts: LoginFacts) -> String { quotedIdentifier(facts.login.role) }

/// Roles other than the predefined ones, which are judged by name.
private func reachable(_ facts: LoginFacts, _ has: (LoginFacts.ReachableRole) -> Bool) -> [String] {
  facts.roles.filter { !$0.name.hasPrefix("pg_") && has($0) }.map(\.name)
}

/// Has an attribute, or may become a role that has it: attributes are not inherited, but `SET ROLE` gives them.
private func attribute(
  _ id: String, _ word: String, _ severity: Posture.Severity, _ grade: Posture.Grade, why: String,
  own: @escaping @Sendable (LoginFacts.Login) -> Bool,
  others: @escaping @Sendable (LoginFacts.ReachableRole) -> Bool
) -> PostureCheck {
  PostureCheck(
    id: id, severity: severity, grade: grade, why: why,
    look: { facts in
      if own(facts.login) { return "\(me(facts)) has \(word)" }
      // A superuser has what every role has.
      let roles = facts.login.isSuperuser ? [] : reachable(facts, others)
      return roles.isEmpty
        ? nil : "\(me(facts)) may become \(PostureNames.listed(roles, total: roles.count)), with \(word)"
    },
    remedy: { facts in
      if own(facts.login) { return ["ALTER ROLE \(me(facts)) NO\(word);"] }
      return reachable(facts, others).map { "REVOKE \(quotedIdentifier($0)) FROM \(me(facts));" }
    })
}

/// Is a member of a predefined role. https://www.postgresql.org/docs/current/predefined-roles.html
private func membership(
  _ role: String, _ severity: Posture.Severity, _ grade: Posture.Grade, why: String
) -> PostureCheck {
  var words = role.dropFirst("pg_".count).split(separator: "_").map(String.init)
  words.insert("member", at: 0)
  return PostureCheck(
    id: words.joined(separator: "-"), severity: severity, grade: grade, why: why,
    look: { facts in facts.roles.contains { $0.name == role } ? "\(me(facts)) is a member of \(role)" : nil },
    remedy: { facts in
      let through = reachable(facts) { _ in true }
      let hint =
        through.isEmpty
        ? [] : ["-- or through one of its roles: \(PostureNames.listed(through, total: through.count))"]
      return ["REVOKE \(role) FROM \(me(facts));"] + hint
    })
}

let roleChecks: [PostureCheck] = [
  attribute(
    "superuser", "SUPERUSER", .critical, .f,
    why: "No check holds a superuser back: READ ONLY stops neither COPY TO PROGRAM nor files, replication slots, other"
      + " sessions, nor (before 17) a function that resets the mode and writes.",
    own: \.isSuperuser, others: \.isSuperuser),
  PostureCheck(
    id: "session-role", severity: .critical, grade: .f,
    why: "RESET ROLE, also inside a function, leads back to the role that logged in.",
    look: { facts in
      facts.login.sessionRole == facts.login.role
        ? nil : "logged in as \(quotedIdentifier(facts.login.sessionRole)), acting as \(me(facts))"
    },
    remedy: { facts in ["ALTER ROLE \(quotedIdentifier(facts.login.sessionRole)) RESET role;"] }),
  membership(
    "pg_execute_server_program", .critical, .f,
    why: "COPY … TO PROGRAM runs a program as the server's user; READ ONLY allows it."),
  membership(
    "pg_write_server_files", .critical, .f,
    why: "COPY … TO writes files as the server's user, its configuration among them; READ ONLY allows it."),
  membership(
    "pg_read_server_files", .critical, .f,
    why: "pg_read_file and COPY … FROM read every file of the server's user, keys and password hashes among them."),
  attribute(
    "replication", "REPLICATION", .critical, .f,
    why: "It may copy the whole cluster, and replication slots, which READ ONLY lets it create, fill the disk.",
    own: \.mayReplicate, others: \.mayReplicate),
  attribute(
    "create-roles", "CREATEROLE", .critical, .f,
    why: "It may give itself or others more: before 16 nearly every role, also those that run programs.",
    own: \.mayCreateRoles, others: \.mayCreateRoles),
  membership(
    "pg_create_subscription", .critical, .f, why: "A subscription connects to other servers and writes what they send."),
  membership(
    "pg_write_all_data", .warning, .d, why: "It may change every table, once a transaction is not READ ONLY."),
  membership(
    "pg_maintain", .warning, .d,
    why: "VACUUM, ANALYZE, CLUSTER, REINDEX and LOCK of every table; READ ONLY allows most of it."),
  attribute(
    "bypass-row-security", "BYPASSRLS", .warning, .c, why: "Row policies do not hold: it reads the rows they hide.",
    own: \.bypassesRowSecurity, others: \.bypassesRowSecurity),
  PostureCheck(
    id: "create-databases", severity: .warning, grade: .c, why: "Databases fill the disk, and it owns what it creates.",
    look: { facts in facts.login.mayCreateDatabases ? "\(me(facts)) has CREATEDB" : nil },
    remedy: { facts in ["ALTER ROLE \(me(facts)) NOCREATEDB;"] }),
  membership(
    "pg_signal_backend", .warning, .c,
    why: "pg_terminate_backend and pg_cancel_backend end others' sessions and statements; READ ONLY allows both."),
  membership(
    "pg_signal_autovacuum_worker", .warning, .c, why: "It may stop autovacuum again and again; READ ONLY allows it."),
  membership("pg_checkpoint", .warning, .c, why: "CHECKPOINT makes the server write; READ ONLY allows it."),
  membership(
    "pg_read_all_data", .info, .a, why: "It reads every table there is or will be, also those nobody meant it to see."),
  membership("pg_monitor", .info, .a, why: "It sees others' statements with their literals, settings and paths."),
  membership("pg_read_all_settings", .info, .a, why: "It sees settings that show paths and connection strings."),
  membership("pg_read_all_stats", .info, .a, why: "It sees others' statements with their literals."),
]
