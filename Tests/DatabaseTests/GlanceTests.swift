// Questions that leave nothing behind.

import Support
import Testing

@testable import Database

@Suite(.needsServer) struct GlanceTests {
  private static let settings: SQL = """
    SELECT concat_ws(' ', current_setting('search_path'), current_setting('statement_timeout'),
      current_setting('application_name'), current_setting('transaction_read_only'),
      current_setting('standard_conforming_strings'))
    """

  @Test func itsSettingsAreItsOwn() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let before: [String] = try await session.rows(Self.settings)
      #expect(await session.clean(within: .seconds(5)))
      await session.name("a call")
      let inside = try await session.glance(Self.settings, path: ["pg_catalog", "a \"b\""])
      #expect(inside.text(0, 0) == #"pg_catalog, "a ""b""" 30s a call on on"#)
      #expect(await session.isClean)
      let after: [String] = try await session.rows(Self.settings)
      #expect(after == before)
      await session.close()
    }
  }

  @Test func itOnlyReads() async throws {
    try await withDatabase(schema: "CREATE TABLE t (id integer)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let error = await #expect(throws: DatabaseError.self) {
        try await session.glance("INSERT INTO public.t VALUES (1)")
      }
      #expect(error?.sqlState == "25006")
      #expect(try await session.glance("SELECT count(*) FROM public.t").text(0, 0) == "0")
      await session.close()
    }
  }

  @Test func aPlanLeavesNothingWhateverComesOfIt() async throws {
    try await withDatabase(schema: "CREATE TABLE public.t (id integer)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      for text in ["SELECT * FROM t", "SELECT * FROM missing", "SELECT * FROM t"] {
        let plan = try? await session.plan(
          PlanRequest(planning: text), through: ["public"], ReadOnlyLimits(), discarding: true)
        #expect((plan?.text(0, 0)?.contains("Seq Scan") == true) == !text.contains("missing"), "\(text)")
        let (isClean, isOpen) = (await session.isClean, await session.isInTransaction)
        #expect(isClean && !isOpen)
      }
      let settings: [String] = try await session.rows(Self.settings)
      #expect(settings == [#""$user", public 0  off on"#])
      await session.close()
    }
  }
}
