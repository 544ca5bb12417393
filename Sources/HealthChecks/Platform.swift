// Who runs the server: recognised by what only that one has, and what follows from it.

import Database

/// Where a server runs, as far as it shows.
package enum Platform: String, Sendable, CaseIterable {
  case selfManaged = "self-managed", rds = "Amazon RDS", aurora = "Amazon Aurora", cloudSQL = "Google Cloud SQL"
  case azure = "Azure Database", supabase = "Supabase", neon = "Neon"
}

/// What was found of the marks that services leave.
package struct PlatformMarks: Decodable, Sendable {
  package var roles: [String]
  package var extensions: [String]
  /// In pg_catalog.
  package var functions: [String]
  package var settings: [String] = []

  package init(roles: [String] = [], extensions: [String] = [], functions: [String] = [], settings: [String] = []) {
    self.roles = roles
    self.extensions = extensions
    self.functions = functions
    self.settings = settings
  }

  private enum CodingKeys: String, CodingKey { case roles, extensions, functions }

  static let question: SQL = """
    SELECT ARRAY(SELECT r.rolname::text FROM pg_roles AS r WHERE r.rolname IN ('rdsadmin', 'rds_superuser',
        'cloudsqladmin', 'cloudsqlsuperuser', 'azuresu', 'azure_superuser', 'azure_pg_admin', 'supabase_admin',
        'cloud_admin', 'neon_superuser') ORDER BY 1) AS "roles",
      ARRAY(SELECT e.extname::text FROM pg_extension AS e WHERE e.extname IN ('neon', 'supabase_vault', 'azure')
        ORDER BY 1) AS "extensions",
      ARRAY(SELECT DISTINCT p.proname::text FROM pg_proc AS p WHERE p.proname IN ('aurora_version',
        'aurora_replica_status') AND p.pronamespace = 'pg_catalog'::regnamespace ORDER BY 1) AS "functions"
    """

  /// Services show them to everybody (`SHOW rds.extensions`). pg_settings lists only those of loaded libraries.
  static let ownSettings: SQL = """
    SELECT w.name AS "name" FROM unnest(ARRAY['rds.extensions', 'rds.force_ssl', 'cloudsql.iam_authentication',
      'cloudsql.logical_decoding', 'azure.extensions', 'azure.accepted_password_auth_method', 'neon.tenant_id',
      'neon.timeline_id']) AS w(name) WHERE current_setting(w.name, true) <> ''
    """
}

extension Platform {
  /// A setting or function that only the service's own server has decides, and so does the service's own superuser. A
  /// role that customers are given comes along with a dump of roles too: where we are superuser it decides nothing.
  package init(_ marks: PlatformMarks, asSuperuser isSuperuser: Bool) {
    func has(_ prefix: String) -> Bool { marks.settings.contains { $0.hasPrefix(prefix) } }
    func isRun(by owner: String..., for customer: String) -> Bool {
      owner.contains(where: marks.roles.contains) || !isSuperuser && marks.roles.contains(customer)
    }
    if marks.functions.contains("aurora_version") {
      self = .aurora
    } else if has("rds.") || isRun(by: "rdsadmin", for: "rds_superuser") {
      self = .rds
    } else if has("cloudsql.") || isRun(by: "cloudsqladmin", for: "cloudsqlsuperuser") {
      self = .cloudSQL
    } else if has("azure.") || isRun(by: "azuresu", "azure_superuser", for: "azure_pg_admin") {
      self = .azure
    } else if has("neon.") || marks.extensions.contains("neon") || isRun(by: "cloud_admin", for: "neon_superuser") {
      self = .neon
    } else if isRun(by: "supabase_admin", for: "supabase_admin") {
      self = .supabase
    } else {
      self = .selfManaged
    }
  }

  /// Tables and WAL go to a storage of the service's own, which answers for what PostgreSQL does elsewhere.
  var hasOwnStorage: Bool { self == .aurora || self == .neon }

  /// Why a check has nothing to go by here; nil where it has.
  func hides(_ check: String) -> String? {
    guard hasOwnStorage else { return nil }
    switch check {
    case "archiver-failing", "archive-backlog": return "\(rawValue) archives in its storage, and shows nothing of it"
    case "checksum-failures": return "\(rawValue) checks pages in its storage, and shows nothing of it"
    case "replica-lag":
      return self == .aurora
        ? "its replicas read the same storage: SELECT * FROM aurora_replica_status();"
        : "its replicas read the same storage, and show no lag in SQL"
    case "standby-lag" where self == .aurora:
      return "its replicas read the same storage: SELECT * FROM aurora_replica_status();"
    default: return nil
    }
  }

  /// The service's own way to a setting, for a person's shell; a comment to psql.
  /// - Parameter value: without a unit, in that of the setting.
  func command(setting name: String, to value: String, restarts: Bool) -> String {
    switch self {
    case .selfManaged: "ALTER SYSTEM SET \(name) = \(literal(value));"
    case .rds:
      "-- aws rds modify-db-parameter-group --db-parameter-group-name GROUP --parameters "
        + "ParameterName=\(name),ParameterValue=\(value),ApplyMethod=\(restarts ? "pending-reboot" : "immediate")"
    case .aurora:
      "-- aws rds modify-db-cluster-parameter-group --db-cluster-parameter-group-name GROUP --parameters "
        + "ParameterName=\(name),ParameterValue=\(value),ApplyMethod=\(restarts ? "pending-reboot" : "immediate")"
    case .cloudSQL: "-- gcloud sql instances patch INSTANCE --database-flags=\(name)=\(value)"
    case .azure:
      "-- az postgres flexible-server parameter set -g GROUP -s SERVER --name \(name) --value \(value)"
    case .supabase: "-- supabase --experimental --project-ref REF postgres-config update --config \(name)=\(value)"
    case .neon: "-- Neon sets \(name) for its computes: ask its support for \(value)"
    }
  }
}

/// A setting changed for the server, or where a managed service has its settings.
/// - Parameter bare: the value in the setting's own unit, where that differs from how people write it.
func changing(
  _ name: String, to value: String, bare: String? = nil, on surroundings: Surroundings, restarts: Bool = false
) -> Remedy {
  let platform = surroundings.platform
  var risks = restarts ? ["takes effect at the next restart"] : []
  let command = platform.command(
    setting: name, to: platform == .selfManaged ? value : bare ?? value, restarts: restarts)
  guard platform == .selfManaged else {
    if platform == .cloudSQL { risks.append("flags that are not named with it are reset: name all") }
    return Remedy(command, risk: risks.isEmpty ? nil : risks.joined(separator: "; "))
  }
  return Remedy("\(command) SELECT pg_reload_conf();", risk: risks.first, isTransactional: false)
}
