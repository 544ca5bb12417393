// Which functions may be called where a policy hides something: those that compute from their arguments and look nowhere else.

import Database
import SQLSyntax

/// PostgreSQL's label IMMUTABLE means that a function looks at nothing but its arguments. Of the others those are listed
/// that look at the clock, at settings of formats, or at the output functions of types. What takes the name or the OID of an
/// object is not among them, and neither is what shows the statement's own text.
enum PolicedFunctions {
  static func admits(_ candidate: FunctionCandidate) -> Bool {
    let entry = candidate.entry
    guard let effect = candidate.effect else { return true }
    guard effect == .none, entry.schema != "information_schema" else { return false }
    // The largest of some numbers is no more than a number.
    if entry.kind == .aggregate && entry.volatility == .immutable { return true }
    guard !entry.argumentTypes.contains(where: objectTypes.contains) else { return false }
    if entry.volatility == .immutable { return true }
    switch entry.origin {
    case .builtIn: return listed.contains(entry.name)
    case .fromExtension: return listedOfExtensions.contains(entry.name)
    case .user: return false
    }
  }

  /// oid, regproc, regprocedure, regoper, regoperator, regclass, regtype, regrole, regnamespace, regcollation, and their
  /// arrays; tid; aclitem. Not regconfig and regdictionary: they name text search configurations.
  static let objectTypes: Set<UInt32> = [
    26, 24, 2202, 2203, 2204, 2205, 2206, 4096, 4089, 4191, 1028, 1008, 2207, 2208, 2209, 2210, 2211, 4097, 4090, 4192,
    27, 1010, 1033, 1034,
  ]

  /// The same without oid, whose values are numbers, and tid: what turns a name into an object, or the other way round.
  static let namingTypes: Set<UInt32> = objectTypes.subtracting([26, 1028, 27, 1010])

  /// regconfig, regdictionary, and their arrays: names, with the schemas that there are.
  static let configurationTypes: Set<UInt32> = [3734, 3735, 3769, 3770]

  /// Whether an argument of a function that takes a configuration may be a name with a schema.
  static func mayNameSchema(_ argument: Node) -> Bool {
    switch argument.kind {
    case .paramRef: true
    case .aConst: argument.child(.sval) != nil && !argument.isPlainText
    default: false
    }
  }

  /// Chance, and unaccent, which takes a dictionary.
  private static let listedOfExtensions: Set<String> = [
    "unaccent", "uuid_generate_v4", "gen_random_bytes", "gen_salt", "normal_rand",
  ]

  private static let listed: Set<String> = [
    // Clocks and chance.
    "now", "transaction_timestamp", "statement_timestamp", "clock_timestamp", "timeofday", "random", "random_normal",
    "gen_random_uuid", "uuidv4", "uuidv7", "age", "date_part", "date_trunc", "extract", "timezone", "date", "time",
    "timetz",
    "timestamp", "timestamptz", "interval", "make_timestamptz", "isfinite", "overlaps", "date_add", "date_subtract",
    "date_bin", "generate_series", "array_sample", "array_shuffle",
    // Formats.
    "to_char", "to_date", "to_timestamp", "to_number", "concat", "concat_ws", "format", "quote_literal",
    "quote_nullable",
    "array_to_string", "string_to_array", "array_to_json", "text", "money", "int8", "numeric", "cash_words",
    "convert_to", "convert_from", "to_hex", "xmlelement", "xmlforest", "xml", "xml_is_well_formed",
    // JSON.
    "to_json", "to_jsonb", "row_to_json", "json_build_array", "json_build_object", "jsonb_build_array",
    "jsonb_build_object", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg", "json_agg_strict",
    "jsonb_agg_strict", "json_object_agg_strict", "jsonb_object_agg_strict", "json_object_agg_unique",
    "jsonb_object_agg_unique", "json_populate_record", "json_populate_recordset", "jsonb_populate_record",
    "jsonb_populate_recordset", "json_to_record", "json_to_recordset", "jsonb_to_record", "jsonb_to_recordset",
    "jsonb_path_query_tz", "jsonb_path_exists_tz", "jsonb_path_match_tz", "jsonb_path_query_array_tz",
    "jsonb_path_query_first_tz", "string_agg", "array_agg",
    // Text search.
    "to_tsvector", "to_tsquery", "plainto_tsquery", "phraseto_tsquery", "websearch_to_tsquery", "ts_headline",
    "json_to_tsvector", "jsonb_to_tsvector",
    // Who and where.
    "current_database", "current_schema", "current_user", "session_user", "user", "version",
    "pg_client_encoding",
    // Kinds of values.
    "enum_first", "enum_last", "enum_range", "pg_size_pretty", "num_nulls", "num_nonnulls", "pg_column_size",
  ]
}
