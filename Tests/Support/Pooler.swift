// A real PgBouncer in front of the scratch cluster.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// PgBouncer in transaction mode, with one server connection for each database: two clients share it.
package struct Pooler: Sendable {
  private let directory: String

  /// nil where it is not installed.
  package static var program: String? { executable(named: "pgbouncer") }

  /// Runs until the end of the process.
  package static func start(before cluster: ScratchCluster) throws -> Pooler {
    guard let program else { throw CommandFailure(description: "no pgbouncer") }
    let directory = try ServerPrograms.temporaryDirectory()
    let settings = """
      [databases]
      * = host=\(cluster.host)
      [pgbouncer]
      listen_addr =
      listen_port = 6432
      unix_socket_dir = \(directory)
      auth_type = trust
      auth_file = \(directory)/users
      pool_mode = transaction
      default_pool_size = 1
      logfile = \(directory)/log

      """
    let write = ServerPrograms.asServer([
      "sh", "-c", "cat > '\(directory)/settings'; echo '\"postgres\" \"\"' > '\(directory)/users'",
    ])
    try requireCommand(write, input: settings)
    try Watchdog.run(ServerPrograms.asServer([program, "-q", "\(directory)/settings"]), removing: directory)
    for _ in 0..<3_000 {
      if access("\(directory)/.s.PGSQL.6432", F_OK) == 0 { return Pooler(directory: directory) }
      usleep(10_000)
    }
    throw CommandFailure(description: "PgBouncer did not start")
  }

  package func url(database: String) -> String {
    "postgresql://postgres@/\(database)?host=\(directory)&port=6432"
  }
}
