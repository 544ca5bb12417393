// What the catalogue reader sees of real tables, indexes, partitions and views.

import Database
import Support
import Testing

@Suite(.needsServer) struct CatalogTests {
  private func read(
    _ schema: String, _ names: Set<String>, _ body: @escaping (Catalog) throws -> Void
  ) async throws {
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try body(try await session.catalog(naming: names))
      await session.close()
    }
  }

  @Test func columnsAndTheirStatistics() async throws {
    let schema = """
      CREATE TABLE "Odd Table" (
        id bigint NOT NULL, "Kind" varchar(20), dropped int, amount numeric(10,2), note text COLLATE "C",
        plain text, doc jsonb, place point, tags text[], places point[], raw json);
      ALTER TABLE "Odd Table" DROP COLUMN dropped;
      INSERT INTO "Odd Table" (id, "Kind", note)
        SELECT i, 'k' || i % 4, CASE WHEN i % 2 = 0 THEN 'n' || i END FROM generate_series(1, 10000) AS i;
      ANALYZE "Odd Table";
      """
    try await read(schema, ["Odd Table"]) { catalog in
      let table = try #require(catalog.relation(schema: "public", name: "Odd Table", searchPath: []))
      #expect(table.kind == .table && !table.isSystem && !table.isUnlogged && table.fillfactor == 100)
      #expect(table.rowEstimate == 10_000)
      #expect(table.heapBytes >= 400_000)
      #expect(
        table.columns.map(\.name) == [
          "id", "Kind", "amount", "note", "plain", "doc", "place", "tags", "places", "raw",
        ])
      #expect(table.columns.map(\.number) == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11])
      #expect(table.columns.map(\.typeName).prefix(3) == ["bigint", "character varying(20)", "numeric(10,2)"])
      #expect(table.column("id")?.isNotNull == true && table.column("id")?.typeID == 20)
      #expect(table.column("id")?.distinctValues == -1 && table.column("id")?.correlation == 1)
      #expect(table.column("Kind")?.distinctValues == 4 && table.column("Kind")?.nullFraction == 0)
      #expect(table.column("note")?.nullFraction == 0.5)
      #expect((table.column("note")?.averageWidth ?? 0) > 0)
      #expect(table.columns.filter(\.sortsByByte).map(\.name) == ["note"])
      #expect(table.columns.filter { !$0.isSortable }.map(\.name) == ["place", "places", "raw"])
    }
  }

  @Test func domainsEnumsAndRangesSort() async throws {
    let schema = """
      CREATE DOMAIN inner_email AS varchar(50); CREATE DOMAIN email AS inner_email CHECK (VALUE LIKE '%@%');
      CREATE DOMAIN spot AS point; CREATE TYPE mood AS ENUM ('sad', 'ok');
      CREATE TABLE t (a email, b spot, c mood, d int4range, e uuid, f email[], g xid, h bpchar, i inet, j name, k mood[]);
      """
    try await read(schema, ["t"]) { catalog in
      let table = try #require(catalog.relation(schema: nil, name: "t", searchPath: ["public"]))
      #expect(table.columns.filter { !$0.isSortable }.map(\.name) == ["b", "g"])
      #expect(table.columns.filter(\.sortsByByte).map(\.name) == ["j"])
      #expect(table.rowEstimate == nil)
      #expect(table.columns.allSatisfy { $0.averageWidth == nil })
    }
  }

  /// The server is asked the same about every type it has.
  @Test func sortableIsWhatTheServerSorts() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.execute(
        """
        DO $$ BEGIN EXECUTE (SELECT 'CREATE TABLE every_type (' || string_agg(format('%I %s', 'c' || oid, oid::regtype), ', ')
          || ')' FROM pg_type WHERE typtype IN ('b', 'r', 'm', 'e') AND oid < 16384 AND typname NOT LIKE 'pg\\_%'
          AND typname NOT LIKE '\\_pg\\_%' AND typname NOT IN ('int2vector', '_int2vector', '_cstring', '_record')); END $$
        """)
      let catalog = try await session.catalog(naming: ["every_type"])
      let table = try #require(catalog.relation(schema: "public", name: "every_type", searchPath: []))
      #expect(table.columns.count > 80)
      for column in table.columns {
        let results = try await session.run([
          .plan(PlanRequest(planning: "SELECT FROM every_type ORDER BY \(column.name)"))
        ])
        guard case .success = results[0] else {
          #expect(!column.isSortable, "\(column.typeName) does not sort")
          continue
        }
        #expect(column.isSortable, "\(column.typeName) sorts")
      }
      await session.close()
    }
  }

  @Test func theDatabasesOwnCollationCounts() async throws {
    let cluster = try await onOwnThread { try ScratchCluster.shared() }
    let name = "c_\(UInt32.random(in: 0...UInt32.max))"
    try cluster.run("CREATE DATABASE \(name) TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    try cluster.run("CREATE TABLE t (a text, b text COLLATE \"POSIX\", c int, d text COLLATE \"ucs_basic\")", in: name)
    let session = try await Session.open(ConnectionTarget(url: cluster.url(database: name)))
    let table = try #require(
      try await session.catalog(naming: ["t"]).relation(schema: "public", name: "t", searchPath: []))
    #expect(table.columns.filter(\.sortsByByte).map(\.name) == ["a", "b", "d"])
    await session.close()
    try cluster.run("DROP DATABASE \(name)")
  }

  @Test func indexesWithTheirKeys() async throws {
    let schema = """
      CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE, b text, c text COLLATE "C", d jsonb, e int, f int) WITH (fillfactor=70);
      CREATE INDEX plain ON t (b DESC NULLS LAST, a) INCLUDE (e, f);
      CREATE INDEX odd ON t (b text_pattern_ops, c COLLATE "POSIX", lower(b)) WHERE a > 5;
      CREATE INDEX docs ON t USING gin (d);
      CREATE UNIQUE INDEX once ON t (e);
      CREATE UNIQUE INDEX target ON t (f);
      CREATE TABLE r (f int REFERENCES t (f));
      INSERT INTO t SELECT i, i, 'b', 'c', '{}', i, i FROM generate_series(1, 1000) AS i; ANALYZE t;
      """
    try await read(schema, ["t"]) { catalog in
      let table = try #require(catalog.relation(schema: "public", name: "t", searchPath: []))
      #expect(table.fillfactor == 70)
      let indexes = Dictionary(table.indexes.map { ($0.name, $0) }) { first, _ in first }
      let primary = try #require(indexes["t_pkey"])
      #expect(primary.isPrimary && primary.isUnique && primary.isRequired && primary.isValid)
      #expect(primary.keys == [Index.Key(column: "id", text: "id")])
      #expect(primary.bytes >= 16_384 && primary.scans != nil)
      #expect(indexes["t_a_key"]?.isRequired == true && indexes["t_a_key"]?.isPrimary == false)
      #expect(indexes["once"]?.isRequired == false && indexes["once"]?.isUnique == true)
      #expect(indexes["target"]?.isRequired == true)
      let plain = try #require(indexes["plain"])
      #expect(
        plain.keys == [Index.Key(column: "b", text: "b", isDescending: true), Index.Key(column: "a", text: "a")])
      #expect(plain.included == ["e", "f"] && plain.predicate == nil && plain.method == "btree")
      #expect(plain.definition.hasPrefix("CREATE INDEX plain ON public.t USING btree (b DESC NULLS LAST, a)"))
      let odd = try #require(indexes["odd"])
      #expect(odd.keys.map(\.column) == ["b", "c", nil])
      #expect(odd.keys.map(\.isDefault) == [false, false, true])
      #expect(odd.keys[2].text == "lower(b)")
      #expect(odd.predicate == "(a > 5)")
      #expect(indexes["docs"]?.method == "gin")
      #expect(table.indexBytes == table.indexes.reduce(0) { $0 + $1.bytes })
    }
  }

  @Test func partitionTreesAreWhole() async throws {
    let schema = """
      CREATE TABLE m (id int, day date, c int) PARTITION BY RANGE (day);
      CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
      CREATE TABLE m2 PARTITION OF m FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY HASH (id);
      CREATE SCHEMA elsewhere;
      CREATE TABLE elsewhere.m2a PARTITION OF m2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE m2b PARTITION OF m2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
      CREATE INDEX m_c ON m (c);
      INSERT INTO m SELECT i, date '2020-01-01' + i % 730, i % 50 FROM generate_series(1, 9000) AS i;
      ANALYZE m1; ANALYZE elsewhere.m2a; ANALYZE m2b;
      """
    for name in ["m", "m2b", "m2"] {
      try await read(schema, [name]) { catalog in
        #expect(catalog.relations.count == 5)
        let root = try #require(catalog.relation(schema: "public", name: "m", searchPath: []))
        let middle = try #require(catalog.relation(schema: "public", name: "m2", searchPath: []))
        let leaves = try ["m1", "m2a", "m2b"].map { leaf in
          try #require(catalog.relation(schema: nil, name: leaf, searchPath: ["public", "elsewhere"]))
        }
        #expect(root.kind == .partitionedTable && root.parent == nil)
        #expect(Set(root.leaves) == Set(leaves.map(\.id)))
        #expect(Set(middle.leaves) == Set(leaves.dropFirst().map(\.id)))
        #expect(middle.parent == root.id && leaves[1].parent == middle.id && leaves[0].leaves.isEmpty)
        #expect(root.rowEstimate == 9_000)
        #expect(root.heapBytes == leaves.reduce(0) { $0 + $1.heapBytes } && root.heapBytes > 0)
        let index = try #require(root.indexes.first)
        #expect(index.name == "m_c" && index.bytes == leaves.reduce(0) { $0 + $1.indexBytes } && index.bytes > 0)
        // ANALYZE was never run on the parents: the leaves speak for them.
        #expect(root.column("c")?.distinctValues == 50)
        #expect(root.activity?.inserted ?? 0 >= 0)
      }
    }
  }

  @Test func namesInSeveralSchemasAndViews() async throws {
    let schema = """
      CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (x int); CREATE UNLOGGED TABLE b.t (y int);
      CREATE VIEW v AS SELECT x FROM a.t WHERE x > 1; CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one;
      CREATE TABLE "pg_class" (z int); CREATE SEQUENCE s;
      """
    try await read(schema, ["t", "v", "mv", "pg_class", "s", "no_such"]) { catalog in
      #expect(catalog.relation(schema: nil, name: "t", searchPath: ["b", "a"])?.columns.first?.name == "y")
      #expect(catalog.relation(schema: nil, name: "t", searchPath: ["a"])?.columns.first?.name == "x")
      #expect(catalog.relation(schema: nil, name: "t", searchPath: ["public"]) == nil)
      #expect(catalog.relation(schema: "b", name: "t", searchPath: [])?.isUnlogged == true)
      let view = catalog.relation(schema: nil, name: "v", searchPath: ["public"])
      #expect(view?.kind == .view && view?.viewDefinition?.contains("x > 1") == true && view?.heapBytes == 0)
      #expect(catalog.relation(schema: nil, name: "mv", searchPath: ["public"])?.kind == .materializedView)
      #expect(catalog.relation(schema: nil, name: "pg_class", searchPath: ["public"])?.isSystem == true)
      #expect(catalog.relation(schema: "public", name: "pg_class", searchPath: [])?.isSystem == false)
      #expect(catalog.relations.values.contains { $0.name == "s" } == false)
    }
  }

  @Test func neverWaitsForALockAndLeavesTheTransactionUsable() async throws {
    try await withDatabase(schema: "CREATE TABLE free (a int); CREATE TABLE taken (a int)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let holder = try await Session.open(ConnectionTarget(url: url))
      try await holder.execute("BEGIN")
      try await holder.execute("LOCK TABLE taken")
      let began = ContinuousClock.now
      let (catalog, path) = try await session.readOnly { session in
        let catalog = try await session.catalog(naming: ["free", "taken"])
        let path: [String] = try await session.rows("SELECT current_setting('search_path')")
        return (catalog, path)
      }
      #expect(ContinuousClock.now - began < .seconds(10))
      #expect(catalog.relations.values.map(\.name) == ["free"])
      #expect(path == ["\"$user\", public"])
      await holder.close()
      await session.close()
    }
  }

  @Test func someoneElsesFunctionsAndTablesAreNotAsked() async throws {
    let schema = """
      CREATE TABLE t (a int);
      CREATE FUNCTION public.pg_table_size(oid) RETURNS bigint LANGUAGE sql AS 'SELECT 1/0';
      CREATE TABLE public.pg_attribute (a int);
      ALTER DATABASE :"DBNAME" SET search_path = public, pg_catalog;
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.execute("CREATE TEMPORARY TABLE pg_index (a int)")
      let catalog = try await session.catalog(naming: ["t"])
      #expect(catalog.relation(schema: "public", name: "t", searchPath: [])?.columns.map(\.name) == ["a"])
      await session.close()
    }
  }

  @Test func activityIsCounted() async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int, b int) WITH (fillfactor=50); CREATE INDEX ON t (a)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.execute("INSERT INTO t SELECT i, i FROM generate_series(1, 100) AS i")
      try await session.execute("UPDATE t SET b = 0 WHERE a <= 40")
      try await session.execute("DELETE FROM t WHERE a > 90")
      var activity: TableActivity?
      // Counters arrive late, before version 15 through a collector.
      for _ in 0..<100 {
        activity = try await session.catalog(naming: ["t"]).relations.values.first?.activity
        if activity?.deleted == 10 { break }
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(activity?.inserted == 100 && activity?.updated == 40 && activity?.deleted == 10)
      #expect((activity?.hotUpdated ?? 0) > 0)
      #expect((activity?.sequentialScans ?? 0) + (activity?.indexScans ?? 0) >= 2)
      await session.close()
    }
  }
}
