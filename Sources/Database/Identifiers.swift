// Names as PostgreSQL writes them.

/// `quote_ident`: quoted unless it is a plain lower-case name that is no keyword.
package func quotedIdentifier(_ name: String) -> String {
  let bytes = name.utf8
  let plain =
    bytes.first.map { (0x61...0x7a).contains($0) || $0 == 0x5f } == true
    && bytes.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
  if plain && !reservedWords.contains(name) { return name }
  return "\"" + doubling("\"", in: name) + "\""
}

/// A text in which each of a mark stands twice. By scalars: together with an accent behind it a quotation mark is another
/// `Character`, and for PostgreSQL it is a quotation mark.
package func doubling(_ mark: Unicode.Scalar, in text: String) -> String {
  guard text.unicodeScalars.contains(mark) else { return text }
  var doubled = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    if scalar == mark { doubled.append(mark) }
    doubled.append(scalar)
  }
  return String(doubled)
}

/// All keywords but the unreserved ones, which is what `quote_ident` quotes
/// (https://www.postgresql.org/docs/current/sql-keywords-appendix.html).
private let reservedWords: Set<String> = Set(
  """
  all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast \
  char character check coalesce collate collation column concurrently constraint create cross current_catalog \
  current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable \
  desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group \
  grouping having ilike in initially inner inout int integer intersect interval into is isnull join json json_array \
  json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value \
  lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize \
  not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision \
  primary real references returning right row select session_user setof similar smallint some substring symmetric \
  system_user table tablesample then time timestamp to trailing treat trim true union unique user using values varchar \
  variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces \
  xmlparse xmlpi xmlroot xmlserialize xmltable
  """.split(separator: " ").map(String.init))
