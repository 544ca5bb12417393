// The keys of policies in pgadvisor.yaml.

/// What a policy says, wherever it stands.
let policySettings: [Setting] = [
  Setting(
    "allow_schemas", .list(.text), "The only schemas there are.", standard: "all", example: .live("[public, sales]")),
  Setting("deny_schemas", .list(.text), "Schemas that are not there.", example: .commented("[hr]")),
  Setting(
    "allow_tables", .list(.text),
    "The only tables and views there are: `orders` in every schema, `sales.orders`, or `sales.*`. What stands behind a view "
      + "has to be among them too.", standard: "all", example: .commented("[orders, products, categories]")),
  Setting("deny_tables", .list(.text), "Tables and views that are not there.", example: .live("[payments, hr.*]")),
  Setting("tables", .map(.section(tableRuleSettings), like: "customers"), "Rules of single tables, by the same names."),
  Setting(
    "hash_key", .secret, "What masks of the kind `hash` are made with: the same key gives the same tokens.",
    example: .commented("${PGADVISOR_HASH_KEY}")),
  Setting(
    "max_rows_per_query", .integer(1...1_000_000), "Rows of an answer.", standard: "the connection's `limits.rows`",
    example: .live("500")),
  Setting(
    "max_bytes_per_query", .size(1_024...(1 << 30)), "Bytes of an answer.", standard: "the connection's `limits.bytes`",
    example: .live("500kB")),
  Setting(
    "max_queries_per_minute", .integer(1...10_000), "Calls that ask the database, of one caller.",
    standard: "any number",
    example: .live("60")),
  Setting(
    "max_queries_per_hour", .integer(1...100_000), "The same in an hour.", standard: "any number",
    example: .live("1000")),
  Setting(
    "max_concurrent_calls", .integer(1...1_000), "The same at a time.", standard: "any number", example: .live("4")),
  Setting(
    "max_cost", .integer(1...1_000_000_000_000),
    "What PostgreSQL may expect a statement to cost, in the planner's units; each is planned before it runs.",
    standard: "any cost", example: .live("1000000")),
  Setting(
    "max_full_scan_rows", .integer(1...1_000_000_000_000),
    "Rows that PostgreSQL may expect a statement to read from end to end, without a condition that an index serves.",
    standard: "any number", example: .live("5000000")),
]

private let tableRuleSettings: [Setting] = [
  Setting(
    "allow_columns", .list(.text), "The only columns there are, beside those with a mask.", standard: "all",
    example: .commented("[id, name, city, created_at]")),
  Setting("deny_columns", .list(.text), "Columns that are not there.", example: .live("[ssn, tax_id]")),
  Setting(
    "mask", .map(.mask, like: "email"),
    "How columns look: `full`, `null`, `constant(TEXT)`, `partial(FIRST, LAST)`, `email`, `hash`, `year`, `month`, "
      + "`network(BITS)`, `round(STEP)` or `sql(EXPRESSION)`.",
    example: .live("{email: email, phone: \"partial(0, 4)\", birthday: year}")),
  Setting(
    "mask_columns", .map(.text, like: "email"), "A fixed text instead of what is there, by column.",
    example: .live("{notes: \"***\"}")),
  Setting(
    "row_filter", .text,
    "A condition in SQL: the only rows there are. `:agent` and `:user` stand for the names of who asks.",
    example: .live("\"created_at > now() - interval '90 days'\"")),
]

/// A policy of some.
let policyRuleSettings: [Setting] =
  [
    Setting("connection", .text, "A name, or `\"*\"` for all.", standard: "all", example: .live("shop")),
    Setting(
      "members", .list(.text),
      "`agent:ID`, `user:NAME` or `group:NAME`; an agent that acts for a user has the user's too.",
      standard: "everybody", example: .live("[\"group:analysts\"]")),
  ] + policySettings
