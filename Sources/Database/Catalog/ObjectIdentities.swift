// What a statement's names mean just now, closely enough to tell later whether they still mean the same.

/// One part of an object, as a digest: a table's columns, say, or its triggers.
package struct ObjectPart: Sendable, Equatable, Decodable {
  package enum Kind: String, Sendable, Decodable {
    case relation, function, type, schema
  }

  package var kind: Kind
  /// With its schema; a function with its argument types.
  package var name: String
  package var oid: UInt32
  /// `columns`, `constraints`, `triggers`, …
  package var part: String
  /// SHA-256, in hexadecimal.
  package var digest: String
}

/// A name as a statement has it.
package struct WrittenObject: Sendable, Hashable {
  /// nil: wherever the search path finds it first.
  package var schema: String?
  package var name: String

  package init(schema: String?, name: String) {
    self.schema = schema
    self.name = name
  }
}

/// Where a session is: which cluster, database and role.
package struct ServerIdentity: Sendable, Equatable, Decodable {
  /// initdb has made it at random; a physical copy has the same. Nil where the role may not see it.
  package var system: String?
  package var databaseID: UInt32
  package var database: String
  package var role: String
  package var isStandby: Bool
  package var searchPath: [String]
}

extension Session {
  package func serverIdentity() async throws(DatabaseError) -> ServerIdentity {
    let found: [ServerIdentity] = try await rows(
      """
      SELECT CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
          THEN (SELECT s.system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system() AS s) END AS system,
        d.oid AS "databaseID", d.datname::pg_catalog.text AS database, current_user::pg_catalog.text AS role,
        pg_catalog.pg_is_in_recovery() AS "isStandby", pg_catalog.current_schemas(false) AS "searchPath"
      FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
      """)
    guard let identity = found.first else {
      throw DatabaseError(code: .protocolViolation, message: "the server did not say which database this is")
    }
    return identity
  }

  /// The parts of every object that one of these names can mean, in a fixed order. Storage does not count: VACUUM FULL,
  /// CLUSTER and a REINDEX change nothing of it. Names that mean nothing are not in it.
  package func objectParts(
    relations: [WrittenObject], others: [WrittenObject]
  ) async throws(DatabaseError) -> [ObjectPart] {
    let lists = [
      relations.map(\.schema), relations.map { $0.name }, others.map(\.schema), others.map { $0.name },
    ]
    return try await rows(Self.objectParts, lists.map { arrayLiteral($0) })
  }

  private static let objectParts: SQL =
    relationNames + relationColumns + relationConstraints + relationTriggers + relationPolicies + relationShape
    + otherObjects + """

      ) SELECT p.kind, p.name, p.oid, p.part,
        pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(COALESCE(p.said, ''), 'UTF8')), 'hex') AS digest
      FROM parts AS p ORDER BY p.kind COLLATE "C", p.name COLLATE "C", p.oid, p.part COLLATE "C"
      """

  private static let relationNames: SQL = """
    WITH named AS (
      SELECT DISTINCT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, c.relkind, c.relpersistence,
        c.relowner, c.relispartition, c.relrowsecurity, c.relforcerowsecurity,
        pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound
      FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]))
        AS a(schema, name)
      JOIN pg_catalog.pg_class AS c ON c.relname OPERATOR(pg_catalog.=) a.name::pg_catalog.name
      JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
      WHERE n.nspname OPERATOR(pg_catalog.=) a.schema::pg_catalog.name
        OR (a.schema IS NULL AND pg_catalog.pg_table_is_visible(c.oid))
    ), parts AS (
    """

  private static let relationColumns: SQL = """
    SELECT 'relation' AS kind, r.name, r.oid, 'columns' AS part, (
        SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attnum, pg_catalog.quote_ident(a.attname), a.atttypid,
            a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated, a.attcollation,
            pg_catalog.pg_get_expr(d.adbin, d.adrelid)), E'\\n' ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute AS a LEFT JOIN pg_catalog.pg_attrdef AS d
          ON d.adrelid OPERATOR(pg_catalog.=) a.attrelid AND d.adnum OPERATOR(pg_catalog.=) a.attnum
        WHERE a.attrelid OPERATOR(pg_catalog.=) r.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
      ) AS said FROM named AS r
    """

  /// Foreign keys of others too: they say what a deletion takes along.
  private static let relationConstraints: SQL = """

    UNION ALL SELECT 'relation', r.name, r.oid, 'constraints', (
        SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', c.conrelid, pg_catalog.quote_ident(c.conname),
            c.convalidated, pg_catalog.pg_get_constraintdef(c.oid)), E'\\n' ORDER BY c.conrelid, c.conname COLLATE "C")
        FROM pg_catalog.pg_constraint AS c
        WHERE c.conrelid OPERATOR(pg_catalog.=) r.oid OR c.confrelid OPERATOR(pg_catalog.=) r.oid
      ) FROM named AS r
    """

  private static let relationTriggers: SQL = """

    UNION ALL SELECT 'relation', r.name, r.oid, 'triggers', (
        SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', t.tgenabled, pg_catalog.pg_get_triggerdef(t.oid),
            p.oid, p.prosecdef, p.proconfig, p.prosrc), E'\\n' ORDER BY t.tgname COLLATE "C")
        FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) t.tgfoid
        WHERE t.tgrelid OPERATOR(pg_catalog.=) r.oid AND NOT t.tgisinternal
      ) FROM named AS r
    UNION ALL SELECT 'relation', r.name, r.oid, 'rules', (
        SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', w.ev_enabled, pg_catalog.pg_get_ruledef(w.oid)), E'\\n'
          ORDER BY w.rulename COLLATE "C")
        FROM pg_catalog.pg_rewrite AS w WHERE w.ev_class OPERATOR(pg_catalog.=) r.oid
      ) FROM named AS r
    """

  private static let relationPolicies: SQL = """

    UNION ALL SELECT 'relation', r.name, r.oid, 'policies', pg_catalog.concat_ws(' ', r.relrowsecurity,
        r.relforcerowsecurity, (
          SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', pg_catalog.quote_ident(p.polname), p.polcmd,
              p.polpermissive, p.polroles, pg_catalog.pg_get_expr(p.polqual, p.polrelid),
              pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)), E'\\n' ORDER BY p.polname COLLATE "C")
          FROM pg_catalog.pg_policy AS p WHERE p.polrelid OPERATOR(pg_catalog.=) r.oid
        )) FROM named AS r
    """

  private static let relationShape: SQL = """

    UNION ALL SELECT 'relation', r.name, r.oid, 'kind and parents', pg_catalog.concat_ws(' ', r.relkind,
        r.relpersistence,
        r.relowner, r.relispartition, r.bound,
        (SELECT pg_catalog.string_agg(i.inhparent::pg_catalog.text, ' ' ORDER BY i.inhparent)
          FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid OPERATOR(pg_catalog.=) r.oid), '/',
        (SELECT pg_catalog.string_agg(i.inhrelid::pg_catalog.text, ' ' ORDER BY i.inhrelid)
          FROM pg_catalog.pg_inherits AS i WHERE i.inhparent OPERATOR(pg_catalog.=) r.oid)) FROM named AS r
    UNION ALL SELECT 'relation', r.name, r.oid, 'unique indexes', (
        SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', i.indisvalid, i.indimmediate,
            pg_catalog.pg_get_indexdef(i.indexrelid)), E'\\n'
          ORDER BY pg_catalog.pg_get_indexdef(i.indexrelid) COLLATE "C")
        FROM pg_catalog.pg_index AS i
        WHERE (i.indrelid OPERATOR(pg_catalog.=) r.oid AND i.indisunique) OR i.indexrelid OPERATOR(pg_catalog.=) r.oid
      ) FROM named AS r
    """

  private static let otherObjects: SQL = """

    UNION ALL SELECT o.kind, o.name, o.oid, 'definition', o.said FROM (
      SELECT DISTINCT x.kind, x.name, x.oid, x.said
      FROM ROWS FROM (pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.text[]))
        AS a(schema, name)
      CROSS JOIN LATERAL (
        SELECT 'function' AS kind, p.oid, pg_catalog.to_jsonb(p)::pg_catalog.text AS said,
          pg_catalog.format('%I.%I(%s)', n.nspname, p.proname,
            pg_catalog.pg_get_function_identity_arguments(p.oid)) AS name
        FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
        WHERE p.proname OPERATOR(pg_catalog.=) a.name::pg_catalog.name
          AND n.nspname OPERATOR(pg_catalog.<>) 'pg_catalog'
          AND (a.schema IS NULL OR n.nspname OPERATOR(pg_catalog.=) a.schema::pg_catalog.name)
        UNION ALL SELECT 'type', t.oid, pg_catalog.concat_ws(' ', pg_catalog.to_jsonb(t)::pg_catalog.text,
            (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ' ' ORDER BY e.enumsortorder)
              FROM pg_catalog.pg_enum AS e WHERE e.enumtypid OPERATOR(pg_catalog.=) t.oid),
            (SELECT pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(c.oid), ' ' ORDER BY c.conname COLLATE "C")
              FROM pg_catalog.pg_constraint AS c WHERE c.contypid OPERATOR(pg_catalog.=) t.oid)),
          pg_catalog.format('%I.%I', n.nspname, t.typname)
        FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
        WHERE t.typname OPERATOR(pg_catalog.=) a.name::pg_catalog.name AND t.typtype OPERATOR(pg_catalog.<>) 'c'
          AND n.nspname OPERATOR(pg_catalog.<>) 'pg_catalog'
          AND (a.schema IS NULL OR n.nspname OPERATOR(pg_catalog.=) a.schema::pg_catalog.name)
        UNION ALL SELECT 'schema', n.oid, pg_catalog.concat_ws(' ', n.nspowner,
            (SELECT pg_catalog.string_agg(c.oid::pg_catalog.text, ' ' ORDER BY c.oid) FROM pg_catalog.pg_class AS c
              WHERE c.relnamespace OPERATOR(pg_catalog.=) n.oid)), pg_catalog.quote_ident(n.nspname)
        FROM pg_catalog.pg_namespace AS n
        WHERE n.nspname OPERATOR(pg_catalog.=) a.name::pg_catalog.name AND a.schema IS NULL
      ) AS x
    ) AS o
    """
}
