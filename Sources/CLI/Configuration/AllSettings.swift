// The keys of pgadvisor.yaml, in the order in which they are documented. Checking, suggestions, the example and
// docs/configuration.md are made from this table.

import Governance
import HealthChecks

let allSettings: [Setting] = [
  Setting(
    "connections", .sections(connectionSettings), "The databases that can be reached.", required: true),
  Setting(
    "users", .sections(userSettings),
    "People for whom agents act. Without an entry here nobody acts for them: taking one away ends the access of all "
      + "agents that act for that person."),
  Setting("groups", .sections(groupSettings), "Users under one name, for rules. Agents are in no group."),
  Setting(
    "agents", .sections(agentSettings),
    "Who comes. A pure agent has what rules grant to `agent:ID`, and nothing by any other name. One with `on_behalf_of` "
      + "(a delegated one) has what that user has, narrowed by its own `permissions` and `connections`."),
  Setting(
    "iam", .sections(ruleSettings), "What is granted. There is nothing but what a rule grants."),
  Setting(
    "policy", .section(policySettings),
    "What exists for agents, on every connection: which tables, how their columns look, which rows, and how much may be "
      + "taken. docs/policies.md says how it holds."),
  Setting(
    "policies", .sections(policyRuleSettings),
    "More of the same for a connection, or for some who come. All that fit hold together: each can only take away."),
  Setting(
    "proposals", .section(proposalSettings),
    "Who may approve what is only proposed (`propose`, `mode: propose`), and how it runs then. docs/proposals.md."),
  Setting("server", .section(serverSettings), "How agents come, and what is kept of it."),
  Setting(
    "health", .section(healthSettings),
    "From where something is a finding of `pgadvisor health` and `analyze_db_health`. `pgadvisor health --config FILE` "
      + "reads this section alone: the file may then lack all others. What each threshold is for: docs/health.md."),
]

/// The thresholds that the checks have; those in bytes, seconds and milliseconds are bare numbers, as for `--limit`.
private let healthSettings = Limits.defaults.map { limit in
  Setting(
    limit.name.split(separator: "-").joined(separator: "_"), .number(0...1e15), "\(limit.meaning).",
    standard: HealthExplanation.number(limit.value), example: .live(HealthExplanation.number(limit.value)))
}

/// How the checks name what the file calls `slow_ms`.
func thresholdName(of key: String) -> String { key.split(separator: "_").joined(separator: "-") }

private let permissionWords = Permission.allCases.map(\.rawValue) + ["*"]

private let connectionSettings: [Setting] = [
  Setting(
    "name", .name, "How agents and rules name it.", required: true, example: .live("shop"), .live("reports")),
  Setting(
    "url", .secret, "`postgresql://role@host:5432/database?sslmode=verify-full`, or `host=… dbname=… user=…`.",
    example: .live("postgresql://advisor@db.example.com/shop?sslmode=verify-full")),
  Setting(
    "service", .text, "Instead of `url`: a name in libpq's service file.", example: .none, .live("reports")),
  Setting(
    "password_file", .path, "A file that holds the password and nothing else.",
    example: .commented("/run/secrets/shop-password")),
  Setting(
    "password_command", .list(.text),
    "A program and its arguments, run without a shell; the first line of its output is the password. It has 10 "
      + "seconds. It runs at start and at each reload.",
    example: .commented("[pass, show, shop/advisor]")),
  Setting(
    "mode", .choice(GovernedConnection.Mode.allCases.map(\.rawValue)),
    "With `unrestricted`, statements that the gate does not know count as `admin` and run where that is granted; with "
      + "`restricted` they are refused.", standard: "`restricted`", example: .live("restricted")),
  Setting(
    "schemas", .list(.text), "The only schemas that exist for agents, also behind views.", standard: "all",
    example: .live("[public, sales]")),
  Setting("limits", .section(limitSettings), "What one call may take."),
  Setting("pool", .section(poolSettings), "Sessions with the server."),
  Setting(
    "allowed_functions", .list(.text), "Functions to vouch for, by their exact signature.",
    example: .live("[\"app.total(integer, text)\"]")),
]

private let anyTime: ClosedRange<Duration> = .milliseconds(1)...(.seconds(86_400))

private let limitSettings: [Setting] = [
  Setting("rows", .integer(1...1_000_000), "Rows of an answer.", standard: "1,000", example: .live("1000")),
  Setting("bytes", .size(1_024...(1 << 30)), "Of all cells of an answer.", standard: "900kB", example: .live("900kB")),
  Setting(
    "cell_bytes", .size(16...(1 << 30)), "Of one cell; longer ones are cut.", standard: "64kB", example: .live("64kB")),
  Setting(
    "statement_timeout", .duration(anyTime), "For one statement.", standard: "30s", example: .live("30s")),
  Setting("lock_timeout", .duration(anyTime), "For the wait for one lock.", standard: "2s", example: .live("2s")),
  Setting(
    "idle_timeout", .duration(anyTime), "For the pauses inside a transaction.", standard: "60s", example: .live("60s")),
  Setting(
    "transaction_timeout", .duration(anyTime), "For all of a transaction, from PostgreSQL 17.", standard: "5min",
    example: .live("5min")),
  Setting(
    "work_mem", .size(65_536...(1 << 40)), "Memory for each sort or hash table.", standard: "64MB",
    example: .live("64MB")),
  Setting(
    "temp_file_limit", .size(0...(1 << 50)), "Temporary files; only a superuser's sessions may set it.",
    standard: "1GB", example: .live("1GB")),
  Setting(
    "parallel_workers", .integer(0...1_024), "Workers of one plan node.", standard: "2", example: .live("2")),
  Setting(
    "search_path", .list(.text), "Schemas that are searched, in order.", standard: "the role's own",
    example: .live("[public]")),
  Setting(
    "kept_pages", .integer(1...1_000), "As many times an answer are read at once, for the calls that ask for the rest.",
    standard: "10", example: .live("10")),
  Setting(
    "kept_bytes", .size(0...(1 << 40)), "Of all pages behind the first.", standard: "64MB", example: .live("64MB")),
]

private let poolSettings: [Setting] = [
  Setting("sessions", .integer(1...1_000), "At most so many at a time.", standard: "4", example: .live("4")),
  Setting(
    "waiting", .integer(0...100_000), "Calls that may wait for a session.", standard: "64", example: .live("64")),
  Setting("patience", .duration(anyTime), "How long each of them waits.", standard: "10s", example: .live("10s")),
  Setting(
    "idle_time", .duration(anyTime), "How long a session that nobody wants stays open.", standard: "60s",
    example: .live("60s")),
  Setting("connect_timeout", .duration(anyTime), "For connecting.", standard: "10s", example: .live("10s")),
]

private let userSettings: [Setting] = [
  Setting("name", .name, "Often an address.", required: true, example: .live("alice@example.com")),
  Setting(
    "clear_text", .list(.text),
    "Connections, or `\"*\"`, on which no policy hides anything from this person at the command line (`pgadvisor query "
      + "--config`). Agents that act for this person see what policies leave.", example: .commented("[shop]")),
]

private let groupSettings: [Setting] = [
  Setting("name", .name, "How rules name it.", required: true, example: .live("analysts")),
  Setting("members", .list(.name), "Names of users.", required: true, example: .live("[alice@example.com]")),
]

private let agentSettings: [Setting] = [
  Setting(
    "id", .name, "How rules, the audit and `pg_stat_activity` name it.", required: true,
    example: .live("alice-claude"), .live("migration-bot"), .live("local")),
  Setting(
    "token", .secret,
    "What the agent sends as `Authorization: Bearer …`: at least 16 of `A-Z a-z 0-9 - . _ ~ + / =`. "
      + "`openssl rand -hex 32` makes one. At most one of the four ways to give it; without any, the agent cannot come over "
      + "HTTP.",
    example: .commented("${ALICE_CLAUDE_TOKEN}")),
  Setting(
    "token_hash", .text,
    "SHA-256 of the token, in hexadecimal: `printf %s \"$TOKEN\" | openssl dgst -sha256 -r`. The token itself is then "
      + "nowhere.",
    example: .live("c65276ae50c631e2c5edebb09431afbfd63a78dec2e341bd74cfe2593664ae6f"),
    .live("0c84e8af99f3d357232d48d159ce17b143b286fd5c4cc424f4672ee1c06cbb63")),
  Setting(
    "token_file", .path, "A file that holds the token and nothing else.",
    example: .commented("/run/secrets/alice-claude-token")),
  Setting(
    "token_env", .name, "A variable of the environment that holds the token.",
    example: .commented("ALICE_CLAUDE_TOKEN")),
  Setting(
    "on_behalf_of", .name, "The user it acts for.", example: .live("alice@example.com")),
  Setting(
    "permissions", .list(.choice(permissionWords)), "No more than these; `\"*\"` is all of them.",
    standard: "no narrowing",
    example: .live("[explain, read]")),
  Setting(
    "propose", .list(.choice(proposableWords)), "What is granted of these it may only propose.",
    standard: "what rules say", example: .none, .live("[ddl]")),
  Setting(
    "mode", .choice(grantModes), "With `propose` it may only propose what changes anything, whatever is granted.",
    standard: "`run`", example: .live("run")),
  Setting(
    "connections", .list(.name), "Nowhere but there.", standard: "no narrowing", example: .live("[shop]")),
  Setting(
    "expires", .time,
    "When its access ends: `2027-12-31` (the end of that day in UTC), or `2027-12-31T18:00:00+01:00`.",
    standard: "never", example: .commented("2027-12-31")),
]

/// Of what is granted: done, or proposed.
private let grantModes = ["run", "propose"]

private let proposableWords = Permission.proposable.sorted().map(\.rawValue)

private let ruleSettings: [Setting] = [
  Setting(
    "connection", .text, "A name, or `\"*\"` for all.", required: true, example: .live("shop"), .live("shop"),
    .live("\"*\"")),
  Setting(
    "permissions", .list(.choice(permissionWords)),
    "Each stands for itself: `write` does not include `read`. `\"*\"` is all of them. What each covers: "
      + "docs/permissions.md. Needed without `propose`.",
    example: .live("[explain, read, write]"), .live("[read, ddl]"), .live("[explain, read]")),
  Setting(
    "propose", .list(.choice(proposableWords)),
    "Granted too, but only to propose: a person approves each statement. Whatever other rules grant there.",
    example: .none, .none, .live("[write]")),
  Setting(
    "mode", .choice(grantModes),
    "With `propose`, what `permissions` grants beyond `explain` and `read` is granted only to propose.",
    standard: "`run`", example: .live("run"), .live("run")),
  Setting(
    "members", .list(.text), "`agent:ID` (a pure one), `user:NAME` or `group:NAME`.", required: true,
    example: .live("[\"group:analysts\"]"), .live("[\"agent:migration-bot\"]"), .live("[\"agent:local\"]")),
]

private let serverSettings: [Setting] = [
  Setting(
    "http", .text, "`HOST:PORT` to listen on, instead of standard input and output.", standard: "none",
    example: .live("\"127.0.0.1:8765\"")),
  Setting("tls", .section(tlsSettings), "Encryption. Without it, whoever sits between reads the tokens."),
  Setting(
    "allowed_hosts", .list(.text),
    "Names under which clients reach it, beside those of this machine; `\"*\"` allows all.",
    example: .live("[mcp.example.com]")),
  Setting(
    "allowed_origins", .list(.text), "Pages that may call from a browser, beside those of this machine.",
    example: .live("[\"https://console.example.com\"]")),
  Setting(
    "external_url", .text,
    "What clients call it, where a proxy stands before it: its host is allowed as by `allowed_hosts`.",
    example: .live("\"https://mcp.example.com\"")),
  Setting(
    "max_body", .size(1_024...(1 << 30)), "Bytes of one message.", standard: "4MB", example: .live("4MB")),
  Setting("connections", .integer(1...1_000_000), "Connections at a time.", standard: "2,048", example: .live("2048")),
  Setting(
    "sessions", .integer(1...1_000_000), "Legacy sessions at a time.", standard: "10,000", example: .live("10000")),
  Setting(
    "session_idle", .duration(anyTime), "After so long without use a legacy session ends.", standard: "30min",
    example: .live("30min")),
  Setting(
    "drain", .duration(.zero...(.seconds(3_600))), "How long running calls may go on after SIGTERM.", standard: "10s",
    example: .live("10s")),
  Setting(
    "patience", .duration(.milliseconds(1)...(.seconds(50))),
    "How long a call is waited for before it goes on as a job; clients give up after 60 s.", standard: "20s",
    example: .live("20s")),
  Setting("jobs", .integer(1...1_000), "Jobs at a time, of all callers.", standard: "16", example: .live("16")),
  Setting("jobs_of_one", .integer(1...1_000), "Of one caller.", standard: "4", example: .live("4")),
  Setting(
    "job_lifetime", .duration(anyTime), "How long the result of a job waits.", standard: "15min",
    example: .live("15min")),
  Setting(
    "result_lifetime", .duration(anyTime), "How long rows that were read ahead wait for the next call.",
    standard: "10min", example: .live("10min")),
  Setting(
    "result_bytes", .size(0...(1 << 40)), "Of all rows that wait.", standard: "1GB", example: .live("1GB")),
  Setting(
    "audit", .path, "A file to append one JSON line to for each call; SIGHUP opens it anew.",
    example: .commented("/var/log/pgadvisor/audit.jsonl")),
  Setting(
    "store", .path,
    "A SQLite file for the audit's chain, or the `postgresql://…` of a database that several servers share: one "
      + "record for each call, bound to all in front of it and on the disk before the answer leaves. `pgadvisor audit` "
      + "reads and verifies it. Proposals are in it too.",
    example: .live("/var/lib/pgadvisor/audit.db")),
  Setting(
    "store_key_file", .path, "32 bytes or more that make the chain's links unforgeable for whoever lacks them.",
    example: .commented("/etc/pgadvisor/store.key")),
  Setting(
    "audit_retention_days", .integer(1...36_500),
    "Days after which records are removed from the store, once a day and with a record that says so.",
    standard: "kept for good", example: .commented("400")),
  Setting(
    "local_agent", .name, "The agent that standard input and output belong to.", standard: "the only agent",
    example: .live("local")),
]

private let tlsSettings: [Setting] = [
  Setting(
    "certificate", .path, "PEM, with the chain.", required: true, example: .commented("/etc/pgadvisor/server.crt")),
  Setting("key", .path, "PEM.", required: true, example: .commented("/etc/pgadvisor/server.key")),
]
