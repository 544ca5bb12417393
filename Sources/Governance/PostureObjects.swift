// Checks of what a login may do with objects: own, write, create, reach.

import Database

private func me(_ facts: LoginFacts) -> String { quotedIdentifier(facts.login.role) }
private func database(_ facts: LoginFacts) -> String { quotedIdentifier(facts.login.database) }

/// Of a superuser nothing is listed but what everybody may do, which says nothing about it.
private func objects(_ facts: LoginFacts, _ kind: LoginFacts.Object.Kind) -> [LoginFacts.Object] {
  facts.login.isSuperuser ? [] : facts.objects(kind)
}

/// From whom something is to be taken away.
private func grantees(_ object: LoginFacts.Object, _ facts: LoginFacts) -> String {
  object.isPublic ? "\(me(facts)), PUBLIC" : me(facts)
}

/// A privilege may also come through a role, where a REVOKE from the login changes nothing.
private func throughRoles(_ facts: LoginFacts) -> [String] {
  let roles = facts.roles.map(\.name).filter { !$0.hasPrefix("pg_") }
  return roles.isEmpty
    ? []
    : [
      "-- or, where it comes through a role: REVOKE \(roles.map(quotedIdentifier).joined(separator: ", ")) FROM \(me(facts));"
    ]
}

private func writable(_ facts: LoginFacts) -> [LoginFacts.Object] {
  (objects(facts, .relation) + objects(facts, .foreignTable)).filter { object in
    !object.isOwned && object.privileges.contains { $0 != "SELECT" }
  }
}

private func owned(_ facts: LoginFacts) -> [LoginFacts.Object] {
  (objects(facts, .relation) + objects(facts, .foreignTable)).filter(\.isOwned)
}

private func creatable(_ facts: LoginFacts) -> [LoginFacts.Object] {
  objects(facts, .schema).filter { $0.isOwned || $0.privileges.contains("CREATE") }
}

/// Servers that a statement of this login can reach: by USAGE, or through a table that it may read.
func reachableServers(_ facts: LoginFacts) -> [LoginFacts.Object] {
  let readable = Set(facts.objects(.foreignTable).filter { $0.privileges.contains("SELECT") }.map(\.detail))
  return objects(facts, .server).filter { server in
    server.privileges.contains("USAGE") || (server.privileges.contains("MAPPING") && readable.contains(server.name))
  }
}

private func hasDatabasePrivilege(_ privilege: String, _ facts: LoginFacts) -> Bool {
  !facts.login.isSuperuser && facts.login.databasePrivileges.contains(privilege)
}

private func revokeFromDatabase(_ privilege: String, _ facts: LoginFacts) -> [String] {
  let isPublic = facts.login.publicDatabasePrivileges.contains(privilege)
  let grantees = isPublic ? "\(me(facts)), PUBLIC" : me(facts)
  return ["REVOKE \(privilege) ON DATABASE \(database(facts)) FROM \(grantees);"]
}

let objectChecks: [PostureCheck] = [
  PostureCheck(
    id: "owns-database", severity: .warning, grade: .d,
    why: "The owner may drop the database and change its settings, also those that make transactions READ ONLY.",
    look: { facts in
      facts.login.ownsDatabase && !facts.login.isSuperuser ? "\(me(facts)) owns database \(database(facts))" : nil
    },
    remedy: { facts in ["ALTER DATABASE \(database(facts)) OWNER TO another_role;"] }),
  PostureCheck(
    id: "owns-tables", severity: .warning, grade: .d,
    why: "An owner may drop, change, CLUSTER and REINDEX, the last two also under READ ONLY, and row policies do not"
      + " hold it.",
    look: { facts in PostureNames.counted(owned(facts), one: "relation", many: "relations") },
    remedy: { facts in
      PostureNames.some(
        owned(facts).map { object in
          let kind =
            object.detail == "SEQUENCE" ? "SEQUENCE" : object.kind == .foreignTable ? "FOREIGN TABLE" : "TABLE"
          return "ALTER \(kind) \(object.name) OWNER TO another_role;"
        })
    }),
  PostureCheck(
    id: "may-write", severity: .warning, grade: .d,
    why: "One statement that leaves the READ ONLY mode, before 17 one call of a function, and data is changed.",
    look: { facts in
      PostureNames.counted(writable(facts), one: "relation", many: "relations") {
        "\($0.name) (\($0.privileges.filter { $0 != "SELECT" }.joined(separator: ", ")))"
      }
    },
    remedy: { facts in
      PostureNames.some(
        writable(facts).map { object in
          let privileges = object.privileges.filter { $0 != "SELECT" }.joined(separator: ", ")
          let kind = object.detail == "SEQUENCE" ? "SEQUENCE " : ""
          return "REVOKE \(privileges) ON \(kind)\(object.name) FROM \(grantees(object, facts));"
        }) + throughRoles(facts)
    }),
  PostureCheck(
    id: "create-in-schema", severity: .warning, grade: .c,
    why: "It may make functions and operators that later statements of others mean by mistake.",
    look: { facts in PostureNames.counted(creatable(facts), one: "schema", many: "schemas") },
    remedy: { facts in
      PostureNames.some(
        creatable(facts).map { schema in
          schema.isOwned
            ? "ALTER SCHEMA \(schema.name) OWNER TO another_role;"
            : "REVOKE CREATE ON SCHEMA \(schema.name) FROM \(grantees(schema, facts));"
        }) + throughRoles(facts)
    }),
  PostureCheck(
    id: "create-in-database", severity: .warning, grade: .c,
    why: "It may make schemas, and in them whatever it likes.",
    look: { facts in
      hasDatabasePrivilege("CREATE", facts) && !facts.login.ownsDatabase
        ? "\(me(facts)) has CREATE on database \(database(facts))" : nil
    },
    remedy: { facts in revokeFromDatabase("CREATE", facts) }),
  PostureCheck(
    id: "foreign-servers", severity: .warning, grade: .c,
    why: "A SELECT from a foreign table runs code on another server, where no READ ONLY mode of ours holds.",
    look: { facts in
      PostureNames.counted(reachableServers(facts), one: "server", many: "servers") { "\($0.name) (\($0.detail))" }
    },
    remedy: { facts in
      PostureNames.some(
        reachableServers(facts).flatMap { server in
          (server.privileges.contains("USAGE")
            ? ["REVOKE USAGE ON FOREIGN SERVER \(server.name) FROM \(grantees(server, facts));"] : [])
            + facts.objects(.foreignTable).filter {
              $0.detail == server.name && $0.privileges.contains("SELECT") && !$0.isOwned
            }.map { "REVOKE SELECT ON \($0.name) FROM \(grantees($0, facts));" }
        })
    }),
  PostureCheck(
    id: "temporary-tables", severity: .warning, grade: .b,
    why: "Temporary tables fill the disk, and READ ONLY lets existing ones be written.",
    look: { facts in
      hasDatabasePrivilege("TEMPORARY", facts)
        ? "\(me(facts)) has TEMPORARY on database \(database(facts))"
          + (facts.login.publicDatabasePrivileges.contains("TEMPORARY") ? ", as everybody" : "") : nil
    },
    remedy: { facts in revokeFromDatabase("TEMPORARY", facts) }),
]
