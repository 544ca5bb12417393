// The questions behind `LoginFacts`: all of them answer only for the role that asks.

enum LoginQuestions {
  static let login: SQL = """
    SELECT current_setting('server_version_num') AS "versionNumber", current_database() AS "database",
      r.rolname AS "role", session_user AS "sessionRole", r.rolsuper AS "isSuperuser",
      r.rolcreaterole AS "mayCreateRoles", r.rolcreatedb AS "mayCreateDatabases", r.rolreplication AS "mayReplicate",
      r.rolbypassrls AS "bypassesRowSecurity", pg_has_role(d.datdba, 'MEMBER') AS "ownsDatabase",
      ARRAY(SELECT p FROM (VALUES ('CREATE'), ('TEMPORARY')) AS v(p)
        WHERE has_database_privilege(d.oid, p)) AS "databasePrivileges",
      ARRAY(SELECT a.privilege_type FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
        WHERE a.grantee = 0 AND a.privilege_type IN ('CREATE', 'TEMPORARY')
        ORDER BY a.privilege_type) AS "publicDatabasePrivileges",
      (SELECT s.ssl FROM pg_stat_ssl AS s WHERE s.pid = pg_backend_pid()) AS "usesTLS",
      inet_server_addr() IS NULL AS "isLocal",
      (SELECT count(*) FROM pg_class AS c WHERE c.relrowsecurity) AS "policyTables",
      pg_is_in_recovery() AS "isInRecovery",
      (SELECT count(*) FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
        WHERE p.oid >= 16384 AND p.provolatile = 'v' AND p.prokind <> 'a'
          AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) AS a WHERE a.grantee = 0))
          AND NOT EXISTS (SELECT FROM pg_depend AS e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid
            AND e.deptype = 'e')) AS "publicVolatileFunctions"
    FROM pg_roles AS r, pg_database AS d
    WHERE r.rolname = current_user AND d.datname = current_database()
    """

  /// As a session begins: our own transaction has others.
  static let settings: SQL = """
    SELECT name, reset_val || coalesce(unit, '') AS value FROM pg_settings
    WHERE name IN ('default_transaction_read_only', 'row_security', 'statement_timeout', 'lock_timeout',
      'idle_in_transaction_session_timeout', 'temp_file_limit', 'ssl')
    ORDER BY name COLLATE "C"
    """

  /// What holds for everybody, for this database, for this role, and for this role here.
  static let storedSettings: SQL = """
    SELECT CASE WHEN s.setrole = 0 AND s.setdatabase = 0 THEN 'everybody' WHEN s.setrole = 0 THEN 'database'
        WHEN s.setdatabase = 0 THEN 'role' ELSE 'roleInDatabase' END AS scope,
      split_part(c.setting, '=', 1) AS name,
      CASE WHEN split_part(c.setting, '=', 1) LIKE '%.%' THEN '' ELSE substr(c.setting, strpos(c.setting, '=') + 1) END
        AS value
    FROM pg_db_role_setting AS s, unnest(s.setconfig) AS c(setting)
    WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
    ORDER BY s.setdatabase <> 0, s.setrole <> 0, c.setting COLLATE "C"
    """

  /// Extensions that reach beyond the database's own tables, and untrusted languages.
  static let extensions: SQL = """
    SELECT e.extname AS name, n.nspname AS schema, e.extversion AS version
    FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname IN ('dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'lo', 'pageinspect', 'pg_surgery',
        'pg_walinspect', 'pg_visibility', 'pg_prewarm', 'pg_buffercache', 'xml2', 'hypopg', 'pg_cron', 'pg_net', 'http',
        'aws_s3', 'aws_lambda', 'oracle_fdw', 'mysql_fdw', 'tds_fdw', 'multicorn', 'plsh', 'plr', 'pgagent', 'amcheck')
      OR EXISTS (SELECT FROM pg_depend AS d JOIN pg_language AS l ON l.oid = d.objid
        WHERE d.classid = 'pg_language'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
          AND d.deptype = 'e' AND NOT l.lanpltrusted)
    ORDER BY e.extname COLLATE "C"
    """

  static let roles: SQL = """
    SELECT r.rolname AS name, pg_has_role(r.oid, 'USAGE') AS "isInherited", r.rolsuper AS "isSuperuser",
      r.rolcreaterole AS "mayCreateRoles", r.rolreplication AS "mayReplicate", r.rolbypassrls AS "bypassesRowSecurity"
    FROM pg_roles AS r
    WHERE pg_has_role(r.oid, 'MEMBER') AND r.rolname <> current_user
      AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
    ORDER BY r.rolname COLLATE "C"
    """

  static let databases: SQL = """
    SELECT 'database' AS kind, quote_ident(datname) AS name, false AS "isOwned", ARRAY['CONNECT'] AS privileges,
      false AS "isPublic", '' AS detail, count(*) OVER () AS total
    FROM pg_database
    WHERE datallowconn AND NOT datistemplate AND datname <> current_database()
      AND has_database_privilege(oid, 'CONNECT')
    ORDER BY quote_ident(datname) COLLATE "C" LIMIT 500
    """

  /// Schemas with relations, and those where objects can be made or that are owned.
  static let schemas: SQL = """
    SELECT 'schema' AS kind, quote_ident(s.nspname) AS name, s."isOwned", s.privileges, s."isPublic",
      CASE WHEN s."hasRelations" THEN 'relations' ELSE '' END AS detail, count(*) OVER () AS total
    FROM (
        SELECT n.nspname, pg_has_role(n.nspowner, 'MEMBER') AS "isOwned",
          ARRAY(SELECT p FROM (VALUES ('USAGE'), ('CREATE')) AS v(p)
            WHERE has_schema_privilege(n.oid, p)) AS privileges,
          EXISTS (SELECT FROM aclexplode(n.nspacl) AS a
            WHERE a.grantee = 0 AND a.privilege_type = 'CREATE') AS "isPublic",
          EXISTS (SELECT FROM pg_class AS c
            WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')) AS "hasRelations"
        FROM pg_namespace AS n WHERE NOT starts_with(n.nspname, 'pg_') AND n.nspname <> 'information_schema'
      ) AS s
    WHERE s."hasRelations" OR s."isOwned" OR 'CREATE' = ANY (s.privileges)
    ORDER BY quote_ident(s.nspname) COLLATE "C" LIMIT 500
    """

  /// A superuser passes every check: of what it may touch only that is listed which PUBLIC may touch too.
  static let relations: SQL = """
    SELECT * FROM (
        SELECT o.*, count(*) OVER (PARTITION BY o.kind) AS total,
          row_number() OVER (PARTITION BY o.kind ORDER BY o.name COLLATE "C") AS place
        FROM (
            SELECT CASE c.relkind WHEN 'f' THEN 'foreignTable' ELSE 'relation' END AS kind,
              format('%I.%I', n.nspname, c.relname) AS name, pg_has_role(c.relowner, 'MEMBER') AS "isOwned",
              ARRAY(
                SELECT p FROM (VALUES ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('TRIGGER')) AS v(p)
                WHERE c.relkind <> 'S' AND (has_table_privilege(c.oid, p)
                  OR (p IN ('INSERT', 'UPDATE') AND has_any_column_privilege(c.oid, p)))
                UNION ALL
                SELECT p FROM (VALUES ('USAGE'), ('UPDATE')) AS v(p)
                WHERE c.relkind = 'S' AND has_sequence_privilege(c.oid, p)
                UNION ALL SELECT 'SELECT' WHERE c.relkind = 'f' AND has_table_privilege(c.oid, 'SELECT')
              ) AS privileges,
              EXISTS (SELECT FROM aclexplode(c.relacl) AS a
                WHERE a.grantee = 0 AND (a.privilege_type <> 'SELECT' OR c.relkind = 'f'))
              OR EXISTS (SELECT FROM pg_attribute AS t, aclexplode(t.attacl) AS a
                WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL AND a.grantee = 0
                  AND a.privilege_type <> 'SELECT') AS "isPublic",
              CASE c.relkind WHEN 'S' THEN 'SEQUENCE'
                WHEN 'f' THEN (SELECT quote_ident(s.srvname) FROM pg_foreign_table AS f
                  JOIN pg_foreign_server AS s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid)
                ELSE 'TABLE' END AS detail
            FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT starts_with(n.nspname, 'pg_')
              AND n.nspname <> 'information_schema'
          ) AS o
        WHERE o."isPublic" OR o.kind = 'foreignTable' OR ((o."isOwned" OR cardinality(o.privileges) > 0)
          AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))
      ) AS ranked
    WHERE place <= 500 ORDER BY kind COLLATE "C", name COLLATE "C"
    """

  /// Executable functions that do more than their caller may. `pg_init_privs` tells what PostgreSQL itself keeps from
  /// PUBLIC; what the predefined roles bring is told by their names.
  static let functions: SQL = """
    SELECT * FROM (
        SELECT o.*, count(*) OVER (PARTITION BY o.kind) AS total,
          row_number() OVER (PARTITION BY o.kind ORDER BY o.name COLLATE "C") AS place
        FROM (
            SELECT CASE
                WHEN p.oid < 16384 AND p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea')
                  THEN 'largeObject'
                WHEN i.objoid IS NOT NULL AND NOT EXISTS (
                    SELECT FROM aclexplode(i.initprivs) AS a WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')
                  AND EXISTS (
                    SELECT FROM aclexplode(p.proacl) AS a LEFT JOIN pg_roles AS g ON g.oid = a.grantee
                    WHERE a.grantee <> p.proowner AND (a.grantee = 0
                      OR (NOT starts_with(g.rolname, 'pg_') AND pg_has_role(a.grantee, 'USAGE'))))
                  THEN 'granted'
                WHEN e.extname = 'dblink' AND p.proname IN ('dblink', 'dblink_exec', 'dblink_connect',
                    'dblink_connect_u') THEN 'network'
                WHEN p.oid < 16384 THEN NULL
                WHEN p.prosecdef THEN 'definer'
                WHEN NOT l.lanpltrusted AND l.oid >= 16384 OR l.lanname IN ('c', 'internal') AND e.extname IS NULL
                  THEN 'untrusted'
              END AS kind,
              format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS name,
              pg_has_role(p.proowner, 'MEMBER') AS "isOwned", ARRAY['EXECUTE'] AS privileges,
              EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                WHERE a.grantee = 0) AS "isPublic",
              w.rolname || CASE WHEN w.rolsuper THEN ', a superuser' ELSE '' END AS detail
            FROM pg_proc AS p
            JOIN pg_namespace AS n ON n.oid = p.pronamespace
            JOIN pg_language AS l ON l.oid = p.prolang
            JOIN pg_roles AS w ON w.oid = p.proowner
            LEFT JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
              AND d.refclassid = 'pg_extension'::regclass
            LEFT JOIN pg_extension AS e ON e.oid = d.refobjid
            LEFT JOIN pg_init_privs AS i ON i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid AND i.objsubid = 0
            WHERE has_function_privilege(p.oid, 'EXECUTE') AND has_schema_privilege(n.oid, 'USAGE')
          ) AS o
        WHERE o.kind IS NOT NULL AND (o."isPublic"
          OR NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))
      ) AS ranked
    WHERE place <= 500 ORDER BY kind COLLATE "C", name COLLATE "C"
    """

  /// Trusted languages in which anonymous blocks can be run, and untrusted ones that are installed.
  static let languages: SQL = """
    SELECT 'language' AS kind, quote_ident(l.lanname) AS name, pg_has_role(l.lanowner, 'MEMBER') AS "isOwned",
      ARRAY['USAGE'] AS privileges,
      EXISTS (SELECT FROM aclexplode(coalesce(l.lanacl, acldefault('l', l.lanowner))) AS a
        WHERE a.grantee = 0) AS "isPublic",
      CASE WHEN l.lanpltrusted THEN 'trusted' ELSE 'untrusted' END AS detail, count(*) OVER () AS total
    FROM pg_language AS l
    WHERE l.lanispl AND l.laninline <> 0 AND (has_language_privilege(l.oid, 'USAGE') OR NOT l.lanpltrusted)
    ORDER BY quote_ident(l.lanname) COLLATE "C"
    """

  /// Foreign servers that can be used: by USAGE, or by tables over a mapping for this role or for everybody.
  static let servers: SQL = """
    SELECT 'server' AS kind, quote_ident(s.srvname) AS name, s."isOwned", s.privileges, s."isPublic",
      s.fdwname AS detail, count(*) OVER () AS total
    FROM (
        SELECT s.srvname, w.fdwname, pg_has_role(s.srvowner, 'MEMBER') AS "isOwned",
          ARRAY(SELECT 'USAGE' WHERE has_server_privilege(s.oid, 'USAGE')
            UNION ALL SELECT 'MAPPING' WHERE EXISTS (
              SELECT FROM pg_user_mappings AS m WHERE m.srvid = s.oid
                AND (m.umuser = 0 OR m.usename = current_user))) AS privileges,
          EXISTS (SELECT FROM aclexplode(s.srvacl) AS a WHERE a.grantee = 0) AS "isPublic"
        FROM pg_foreign_server AS s JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
      ) AS s
    WHERE cardinality(s.privileges) > 0 ORDER BY quote_ident(s.srvname) COLLATE "C" LIMIT 500
    """
}
