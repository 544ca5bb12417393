// Rows that are kept as JSON: in memory or a nameless file, cut into pages, with every digit.

import Database
import Foundation
import JSON
import Support
import Testing

@Suite struct SpoolTests {
  @Test(arguments: [0, 10, 1_000]) func bytesComeBackWhereverTheyAre(_ memory: Int) throws {
    let spool = Spool(memory: memory)
    let all = (0..<600).map { UInt8($0 % 251) }
    for start in stride(from: 0, to: 600, by: 7) { try spool.append(Array(all[start..<min(start + 7, 600)])) }
    #expect(spool.count == 600)
    for range in [0..<600, 0..<1, 5..<300, 599..<600, 300..<900, 600..<700] {
      #expect(try spool.bytes(in: range) == Array(all[range.clamped(to: 0..<600)]), "\(range)")
    }
    try spool.settle(keeping: 0)
    #expect(try spool.bytes(in: 0..<600) == all && spool.count == 600)
  }

  @Test func aLargeOneIsInAFile() throws {
    let spool = Spool(memory: 1 << 16)
    let piece = [UInt8](repeating: 7, count: 100_000)
    for _ in 0..<30 { try spool.append(piece) }
    try spool.append([1, 2, 3])
    #expect(spool.count == 3_000_003)
    #expect(try spool.bytes(in: 2_999_999..<3_000_003) == [7, 1, 2, 3])
  }

  @Test func withoutRoomThereIsAReason() throws {
    let spool = Spool(memory: 4, directory: "/nonexistent/place")
    try spool.append([1, 2, 3])
    let error = #expect(throws: DatabaseError.self) { try spool.append([4, 5]) }
    #expect(error?.code == .noRoom && error?.description.contains("nonexistent") == false)
  }
}

@Suite(.needsServer) struct JSONRowTests {
  private func taken(
    _ url: String, _ text: String, _ limits: RowLimits = RowLimits(), _ page: PageLimits = PageLimits(),
    spool: Spool = Spool(), access: TransactionAccess = .readOnly
  ) async throws -> (rows: StreamedRows, pages: [String]) {
    let session = try await Session.open(ConnectionTarget(url: url))
    do {
      let rows = try await session.bounded(access) { session in
        try await session.stream(
          AdmittedStatement(admitting: text), limits: limits, taking: .json(spool, page),
          stopsAtCap: access == .readOnly)
      }
      await session.close()
      var start = 0
      var pages: [String] = []
      for page in rows.pages {
        pages.append(String(decoding: try spool.bytes(in: start..<start + page.byteCount), as: UTF8.self))
        start += page.byteCount
      }
      #expect(start == spool.count && rows.rows.isEmpty)
      return (rows, pages)
    } catch {
      await session.close()
      throw error
    }
  }

  private static let values: [(String, String)] = [
    ("1::smallint", "1"), ("-2147483648", "-2147483648"), ("9007199254740991::bigint", "9007199254740991"),
    ("9007199254740993::bigint", "\"9007199254740993\""), ("-9223372036854775808", "\"-9223372036854775808\""),
    ("0.10::numeric", "\"0.10\""), ("'NaN'::numeric", "\"NaN\""), ("4294967295::oid", "4294967295"),
    ("0.1::real", "0.1"), ("1e20::float8", "1e+20"), ("1.0::float8", "1"), ("'-0'::float8", "-0"),
    ("pi()", "3.141592653589793"), ("1e-7::float8", "1e-07"), ("'NaN'::float8", "\"NaN\""),
    ("'-Infinity'::real", "\"-Infinity\""), ("true", "true"), ("NULL", "null"), ("''", "\"\""),
    ("E'\\\\xdeadbeef'::bytea", "\"\\\\xdeadbeef\""), ("12.5::money", "\"$12.50\""),
    ("'2024-02-29 23:59:59.123456+00'::timestamptz", "\"2024-02-29 23:59:59.123456+00\""),
    ("'infinity'::date", "\"infinity\""), ("'[1,5)'::int4range", "\"[1,5)\""), ("ROW(1, 'a')", "\"(1,a)\""),
    ("'{\"a\": 12345678901234567890, \"b\": [1.50]}'::jsonb", "{\"a\":\"12345678901234567890\",\"b\":[1.50]}"),
    ("E'{\"a\":\\n 1, \"a\": 2}'::json", "\"{\\\"a\\\":\\n 1, \\\"a\\\": 2}\""), ("E'[1,\\n2]'::json", "[1,2]"),
    ("ARRAY[1, NULL, 3]", "[1,null,3]"), ("ARRAY[[1], [2]]", "[[1],[2]]"), ("'{}'::int[]", "[]"),
    ("'[0:1]={1,2}'::int[]", "\"[0:1]={1,2}\""),
    ("ARRAY['a,b', 'NULL', NULL, '', '{\"']", "[\"a,b\",\"NULL\",null,\"\",\"{\\\"\"]"),
    ("ARRAY[9007199254740993, 1]", "[\"9007199254740993\",1]"), ("ARRAY[true, false]", "[true,false]"),
    ("ARRAY['{\"a\": [1]}'::jsonb]", "[{\"a\":[1]}]"), ("ARRAY['NaN'::float8, 1.5]", "[\"NaN\",1.5]"),
    ("'mad'::public.mood", "\"mad\""), ("ARRAY['mad'::public.mood]", "\"{mad}\""), ("7::public.small", "7"),
    ("U&'a\\200Bb'", "\"a\\u200bb\""),
  ]

  @Test func everyDigitIsThere() async throws {
    let schema = "CREATE TYPE public.mood AS ENUM ('mad'); CREATE DOMAIN public.small AS integer CHECK (VALUE < 9);"
    try await withDatabase(schema: schema) { url in
      let text = "SELECT " + Self.values.map(\.0).joined(separator: ", ")
      let found = try await taken(url, text)
      let expected = Self.values.map(\.1).joined(separator: ",")
      #expect(found.pages == ["[\(expected)]"])
      let row = try #require(try JSONValue(parsing: found.pages[0]).array)
      #expect(row.count == Self.values.count)
    }
  }

  /// Whatever a role has set, values are written so that they can be read again.
  @Test func aRolesOwnFormsDoNotCount() async throws {
    try await withDatabase { url in
      let setting = try await Session.open(ConnectionTarget(url: url))
      for text in [
        "SET extra_float_digits = -10", "SET bytea_output = 'escape'", "SET DateStyle = 'German, DMY'",
      ] as [SQL] { try await setting.execute(text) }
      // The second transaction sets again what the first one has found to be right.
      for _ in 0..<2 {
        let spool = Spool()
        let rows = try await setting.bounded(.readOnly) { session in
          try await session.stream(
            AdmittedStatement(admitting: "SELECT pi(), '\\x0102'::bytea, '03.02.2024'::date"), limits: RowLimits(),
            taking: .json(spool, PageLimits()))
        }
        let text = String(decoding: try spool.bytes(in: 0..<spool.count), as: UTF8.self)
        #expect(rows.rowCount == 1 && text == "[3.141592653589793,\"\\\\x0102\",\"2024-02-03\"]")
      }
      await setting.close()
    }
  }

  @Test func pagesEndWhereTheyShould() async throws {
    try await withDatabase { url in
      let byRows = try await taken(url, "SELECT generate_series(1, 7)", RowLimits(), PageLimits(rows: 3))
      #expect(byRows.pages == ["[1],[2],[3]", "[4],[5],[6]", "[7]"] && byRows.rows.pages.map(\.rows) == [3, 3, 1])
      let byBytes = try await taken(
        url, "SELECT repeat('x', 10) FROM generate_series(1, 5)", RowLimits(), PageLimits(bytes: 30))
      #expect(byBytes.rows.pages.map(\.rows) == [2, 2, 1] && byBytes.pages[2] == "[\"xxxxxxxxxx\"]")
      let large = try await taken(
        url, "SELECT repeat('x', 100) FROM generate_series(1, 2)", RowLimits(), PageLimits(bytes: 30))
      #expect(large.rows.pages.map(\.rows) == [1, 1])
      let capped = try await taken(
        url, "SELECT generate_series(1, 1000000000)", RowLimits(rows: 5), PageLimits(rows: 3))
      #expect(
        capped.pages == ["[1],[2],[3]", "[4],[5]"] && capped.rows.truncation == .rows && capped.rows.rowCount == 5)
      let few = try await taken(
        url, "SELECT generate_series(1, 1000000000)", RowLimits(), PageLimits(rows: 2, pages: 2))
      #expect(few.rows.rowCount == 4 && few.rows.truncation == .rows)
      let bytes = try await taken(url, "SELECT NULL, NULL FROM generate_series(1, 100)", RowLimits(bytes: 120))
      #expect(bytes.rows.rowCount == 10 && bytes.rows.truncation == .bytes)
      let none = try await taken(url, "SELECT 1 WHERE false")
      #expect(none.pages.isEmpty && none.rows.columns.count == 1)
    }
  }

  @Test func aCutValueIsText() async throws {
    try await withDatabase { url in
      let found = try await taken(
        url, "SELECT ARRAY[1, 2, 3], '{\"a\":1}'::json, 1234567::numeric, 12345678", RowLimits(cellBytes: 5))
      #expect(found.pages == ["[\"{1,2,\",\"{\\\"a\\\":\",\"12345\",\"12345\"]"] && found.rows.cuts.count == 4)
    }
  }

  /// What cannot be kept is neither half an answer nor half a change.
  @Test(arguments: [TransactionAccess.readOnly, .readWrite])
  func withoutRoomNothingIsDone(_ access: TransactionAccess) async throws {
    try await withDatabase(schema: "CREATE TABLE t (a integer, b text)") { url in
      let text =
        access == .readOnly
        ? "SELECT g, repeat('x', 1000) FROM generate_series(1, 1000000) AS g"
        : "INSERT INTO t SELECT g, repeat('x', 1000) FROM generate_series(1, 2000) AS g RETURNING a, b"
      let spool = Spool(memory: 100_000, directory: "/nonexistent")
      let limits = RowLimits(rows: 1_000_000, bytes: 1 << 30)
      let error = await #expect(throws: DatabaseError.self) {
        try await taken(url, text, limits, spool: spool, access: access)
      }
      #expect(error?.code == .noRoom)
      let session = try await Session.open(ConnectionTarget(url: url))
      #expect(try await session.rows("SELECT count(*) FROM public.t", as: Int.self) == [0])
      await session.close()
    }
  }

  #if os(Linux)
    /// 80 MB are kept, and memory is not where.
    @Test func memoryIsBoundedWhateverIsKept() async throws {
      func resident() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(status.split(separator: " ")[1]) ?? 0) * 4_096
      }
      try await withDatabase { url in
        let before = try resident()
        let watch = Task {
          var most = 0
          while !Task.isCancelled {
            most = max(most, try resident())
            try? await Task.sleep(for: .milliseconds(5))
          }
          return most
        }
        let spool = Spool()
        let found = try await withoutReading(url, spool)
        watch.cancel()
        #expect(found.rowCount == 4_000 && found.pages.count == 4 && spool.count > 80_000_000)
        #expect(try await watch.value - before < 40 << 20)
      }
    }
  #endif

  private func withoutReading(_ url: String, _ spool: Spool) async throws -> StreamedRows {
    let session = try await Session.open(ConnectionTarget(url: url))
    let rows = try await session.bounded(.readOnly) { session in
      try await session.stream(
        AdmittedStatement(admitting: "SELECT repeat('x', 20000) FROM generate_series(1, 4000)"),
        limits: RowLimits(rows: 1_000_000, bytes: 1 << 30), taking: .json(spool, PageLimits(bytes: 1 << 30)))
    }
    await session.close()
    return rows
  }
}
