// Libraries that did not come with the server, and that the next one must have too.

import Database

struct ForeignLibraries: HealthCheck {
  let id = "foreign-libraries"
  let about = CheckDescription(
    .upgrade, "Libraries that the new server must have",
    why: "pg_upgrade stops where a library is missing, and each must be made for the new release.",
    rule: "An extension that does not come with PostgreSQL and has functions in C, or such functions outside of any "
      + "extension: info.")

  struct Row: Decodable, Sendable {
    let extensionName: String?
    let version: String?
    let libraries: [String]
  }

  /// Everything of PostgreSQL's own is left out by the names of its modules.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(x.extname) AS "extensionName", x.extversion AS "version",
      array_agg(DISTINCT regexp_replace(p.probin, '^.libdir/', '') ORDER BY regexp_replace(p.probin, '^.libdir/', ''))
        AS "libraries"
    FROM pg_proc AS p LEFT JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
      AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
    LEFT JOIN pg_extension AS x ON x.oid = d.refobjid
    WHERE p.oid >= 16384 AND p.probin IS NOT NULL AND (x.extname IS NULL OR x.extname NOT IN (
      'adminpack', 'amcheck', 'autoinc', 'bloom', 'bool_plperl', 'bool_plperlu', 'btree_gin',
      'btree_gist', 'citext', 'cube', 'dblink', 'dict_int', 'dict_xsyn', 'earthdistance', 'file_fdw',
      'fuzzystrmatch', 'hstore', 'hstore_plperl', 'hstore_plperlu', 'hstore_plpython2u',
      'hstore_plpython3u', 'hstore_plpythonu', 'insert_username', 'intagg', 'intarray', 'isn',
      'jsonb_plperl', 'jsonb_plperlu', 'jsonb_plpython2u', 'jsonb_plpython3u', 'jsonb_plpythonu', 'lo',
      'ltree', 'ltree_plpython2u', 'ltree_plpython3u', 'ltree_plpythonu', 'moddatetime', 'old_snapshot',
      'pageinspect', 'pg_buffercache', 'pg_freespacemap', 'pg_logicalinspect', 'pg_overexplain',
      'pg_prewarm', 'pg_stat_statements', 'pg_surgery', 'pg_trgm', 'pg_visibility', 'pg_walinspect',
      'pgcrypto', 'pgrowlocks', 'pgstattuple', 'plperl', 'plperlu', 'plpgsql', 'plpython2u', 'plpython3u',
      'plpythonu', 'pltcl', 'pltclu', 'postgres_fdw', 'refint', 'seg', 'sslinfo', 'tablefunc', 'tcn',
      'tsm_system_rows', 'tsm_system_time', 'unaccent', 'uuid-ossp', 'xml2'))
    GROUP BY x.extname, x.extversion ORDER BY 1 NULLS FIRST LIMIT 1000
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      let libraries = row.libraries.prefix(5).joined(separator: ", ")
      guard let name = row.extensionName else {
        return finding(
          .info, .server, "functions in C", "functions outside of any extension are in \(libraries)",
          [Figure("libraries", libraries)],
          notes: ["have these libraries built for the new release, and put them in place"])
      }
      return finding(
        .info, .extension, name, "extension \(name) \(row.version ?? "") is in \(libraries)",
        [Figure("version", row.version ?? ""), Figure("libraries", libraries)],
        notes: ["see that it is there for the new release before you begin, and update it afterwards"])
    }
  }
}
