// What the values that ANALYZE kept say of the size of an index: how often the common ones come, how wide they are.

import Database

/// One column. Only the values themselves can tell the width of those of varying length, and only where their text does:
/// strings, numbers, bytes, documents and addresses.
struct KeptValuesRow: Decodable {
  let relation: RelationID
  let name: String
  let frequencies: [Double]?
  let sampledRows: Double?
  /// Remainders of the widths, divided by eight; eight more for values of 128 bytes and more, sixteen for common ones.
  let places: [Int]?
  let shares: [Double]?
  let widths: [Double]?
  let areEven: [Bool]?

  var columnWidths: ColumnWidths? {
    guard let places, let shares, let widths, let areEven, places.count == shares.count,
      places.count == widths.count, places.count == areEven.count
    else { return nil }
    let parts = places.indices.map { number in
      ValueWidths.Part(
        place: places[number] % 16, share: shares[number], width: widths[number], isEven: areEven[number])
    }
    return ColumnWidths(
      common: places.indices.filter { places[$0] >= 16 }.map { parts[$0] },
      others: places.indices.filter { places[$0] < 16 }.map { parts[$0] })
  }

  /// A bound of the histogram stands for as many rows as the next. What is wanted is settled before `pg_stats` is joined.
  static let question: SQL = """
    WITH wanted AS MATERIALIZED (
      SELECT c.oid, n.nspname, c.relname, c.relkind, a.attname,
        CASE WHEN a.attoptions::pg_catalog.text LIKE '%n_distinct%' THEN NULL
          ELSE 300 * greatest(pg_catalog.current_setting('default_statistics_target')::pg_catalog.int4,
            (SELECT pg_catalog.max(o.attstattarget) FROM pg_catalog.pg_attribute AS o WHERE o.attrelid = c.oid))
        END AS sampled,
        CASE WHEN a.attlen > 0 THEN NULL WHEN b.typcategory = 'S' THEN 'S' WHEN b.oid = 1700 THEN 'N'
          WHEN b.oid = 17 THEN 'B' WHEN b.oid = 3802 THEN 'J' WHEN b.oid IN (650, 869) THEN 'I' END AS kind
      FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.text[])) AS w(id, name)
        JOIN pg_catalog.pg_class AS c ON c.oid = w.id JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = w.name
        JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
        JOIN pg_catalog.pg_type AS b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
    ), kept AS MATERIALIZED (
      SELECT w.oid, w.attname, w.kind, w.sampled, s.null_frac, s.most_common_freqs AS frequencies,
        CASE WHEN w.kind IS NOT NULL THEN s.most_common_vals::pg_catalog.text::pg_catalog.text[] END AS common,
        CASE WHEN w.kind IS NOT NULL THEN s.histogram_bounds::pg_catalog.text::pg_catalog.text[] END AS bounds
      FROM wanted AS w JOIN pg_catalog.pg_stats AS s
        ON s.schemaname = w.nspname AND s.tablename = w.relname AND s.attname = w.attname
          AND s.inherited = (w.relkind = 'p')
    )
    SELECT k.oid AS relation, k.attname AS name, k.frequencies[1:1000] AS frequencies, k.sampled AS "sampledRows",
      x.places, x.shares, x.widths, x."areEven"
    FROM kept AS k CROSS JOIN LATERAL (
      SELECT pg_catalog.array_agg(p.place ORDER BY p.place) AS places,
        pg_catalog.array_agg(p.share ORDER BY p.place) AS shares,
        pg_catalog.array_agg(p.bytes / p.share ORDER BY p.place) AS widths,
        pg_catalog.array_agg(p.least = p.most ORDER BY p.place) AS "areEven"
      FROM (
        SELECT width % 8 + CASE WHEN width < 128 THEN 0 ELSE 8 END + common AS place, pg_catalog.sum(share) AS share,
          pg_catalog.sum(share * width) AS bytes, pg_catalog.min(width) AS least, pg_catalog.max(width) AS most
        FROM (
          SELECT CASE WHEN content < 127 THEN content + 1 ELSE content + 4 END AS width, share, common
          FROM (
            SELECT CASE k.kind WHEN 'S' THEN pg_catalog.octet_length(v.value)
                WHEN 'B' THEN (pg_catalog.octet_length(v.value) - 2) / 2
                WHEN 'N' THEN pg_catalog.pg_column_size(v.value::pg_catalog.numeric) - 4
                WHEN 'J' THEN pg_catalog.pg_column_size(v.value::pg_catalog.jsonb) - 4
                WHEN 'I' THEN pg_catalog.pg_column_size(v.value::pg_catalog.inet) - 4 END AS content, v.share, v.common
            FROM (
              SELECT value, share, 16 AS common
              FROM ROWS FROM (pg_catalog.unnest(k.common), pg_catalog.unnest(k.frequencies)) AS c(value, share)
              UNION ALL
              SELECT value, greatest(1 - k.null_frac - coalesce(
                  (SELECT pg_catalog.sum(f) FROM pg_catalog.unnest(k.frequencies) AS f), 0), 1e-6)
                / pg_catalog.cardinality(k.bounds), 0
              FROM pg_catalog.unnest(k.bounds) AS h(value)
            ) AS v WHERE k.kind IS NOT NULL AND v.value IS NOT NULL AND v.share > 0
          ) AS contents
        ) AS widths GROUP BY 1
      ) AS p
    ) AS x
    """
}
