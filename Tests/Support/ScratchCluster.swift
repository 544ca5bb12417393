// A private PostgreSQL cluster for one test process.

import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A cluster in a temporary directory. It goes away with the process, however that ends.
package struct ScratchCluster: Sendable {
  /// Settings beside the usual ones, and what a cluster needs to be reached by TCP.
  package struct Options: Sendable {
    /// Lines of postgresql.conf.
    package var settings: [String] = []
    /// The whole pg_hba.conf; everybody is trusted by default.
    package var hostAuthentication: String?
    /// Listens on 127.0.0.1 too, on this port.
    package var port: Int?
    /// Called with the data directory before the start, for files such as certificates.
    package var prepare: (@Sendable (_ directory: String, _ cluster: ScratchCluster) throws -> Void)?

    package init() {}
  }

  /// Where programs such as `postgres` and `pg_basebackup` are, as the server's user sees them.
  package let programs: String
  /// Holds the sockets and `data`.
  package let directory: String
  private let port: Int
  private let externalURL: String?

  /// True when there is a server to start, or one was given: else tests that need one are skipped.
  package static var isAvailable: Bool {
    guard variable("PGADVISOR_NO_SERVER") == nil else { return false }
    return variable("PGADVISOR_TEST_SERVER") != nil || ServerPrograms.find() != nil
  }

  /// The process's own cluster, started by the first test that asks for it.
  package static func shared() throws -> ScratchCluster {
    try common.withLock { known throws in
      if let known { return try known.get() }
      let started = Result { try start() }
      known = started
      return try started.get()
    }
  }

  private static let common = Mutex<Result<ScratchCluster, any Error>?>(nil)

  private static func start() throws -> ScratchCluster {
    if let url = variable("PGADVISOR_TEST_SERVER") {
      return ScratchCluster(programs: ServerPrograms.find() ?? "", directory: "", port: 5432, externalURL: url)
    }
    return try start(Options())
  }

  /// Starts a cluster of its own, for tests that need special settings.
  package static func start(_ options: Options) throws -> ScratchCluster {
    guard let programs = ServerPrograms.find() else { throw CommandFailure(description: "no server programs") }
    let directory = try ServerPrograms.temporaryDirectory()
    let cluster = ScratchCluster(
      programs: programs, directory: directory, port: options.port ?? 5432, externalURL: nil)
    try Watchdog.clean(up: directory, stopping: ServerPrograms.asServer(["\(programs)/pg_ctl"]))
    try cluster.initialize(options)
    let start = try cluster.asServer([
      "\(programs)/pg_ctl", "-D", "\(directory)/data", "-l", "\(directory)/log", "-w", "-t", "60", "start",
    ])
    guard start.status == 0 else {
      let log = try? requireCommand(["cat", "\(directory)/log"])
      throw CommandFailure(description: "the scratch cluster did not start: \(start.text)\(log ?? "")")
    }
    return cluster
  }

  private func initialize(_ options: Options) throws {
    let initialize = [
      "\(programs)/initdb", "-D", "\(directory)/data", "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8",
    ]
    // A usual collation where the system has it, so that sorting by byte is nothing to be taken for granted.
    if try asServer(initialize + ["--locale=C.UTF-8"]).status != 0 {
      try requireCommand(ServerPrograms.asServer(["rm", "-rf", "\(directory)/data"]))
      try requireCommand(ServerPrograms.asServer(initialize + ["--locale=C"]))
    }
    // Commits wait for their log: before it is written VACUUM calls no page all-visible, and plans would hang on the moment.
    var settings = [
      "unix_socket_directories = '\(directory)'", "port = \(port)", "fsync = off", "full_page_writes = off",
      "autovacuum = off", "max_connections = 100", "lc_messages = 'C'",
      options.port == nil ? "listen_addresses = ''" : "listen_addresses = '127.0.0.1'",
    ]
    if ServerPrograms.hasLibrary("pg_stat_statements", beside: programs) {
      settings.append("shared_preload_libraries = 'pg_stat_statements'")
    }
    // There is no /dev/shm in a system of its own.
    if ServerPrograms.root != nil { settings.append("dynamic_shared_memory_type = mmap") }
    settings += options.settings
    try write((settings + [""]).joined(separator: "\n"), to: "conf", appendingTo: "postgresql.conf")
    if let lines = options.hostAuthentication { try write(lines, to: "hba", appendingTo: nil, as: "pg_hba.conf") }
    try options.prepare?("\(directory)/data", self)
  }

  /// Writes as the server's user.
  private func write(_ text: String, to name: String, appendingTo file: String?, as target: String = "") throws {
    let redirection = file.map { ">> '\(directory)/data/\($0)'" } ?? "> '\(directory)/data/\(target)'"
    try requireCommand(ServerPrograms.asServer(["sh", "-c", "cat \(redirection)"]), input: text)
  }

  /// Runs a program as the user that runs the server.
  package func asServer(_ arguments: [String], input: String = "") throws -> CommandOutput {
    try runCommand(ServerPrograms.asServer(arguments), input: input)
  }

  /// Stops and starts it, or stops it for good.
  package func control(_ action: String) throws {
    let result = try asServer([
      "\(programs)/pg_ctl", "-D", "\(directory)/data", "-l", "\(directory)/log", "-m", "fast", "-w", action,
    ])
    guard result.status == 0 else { throw CommandFailure(description: result.text) }
  }

  // MARK: - Getting there

  /// A URL over the socket.
  /// - Parameter role: nil for the superuser.
  package func url(database: String = "postgres", role: String? = nil) -> String {
    if let externalURL { return replacing(database, role, in: externalURL) }
    return "postgresql://\(role ?? "postgres")@/\(database)?host=\(directory)&port=\(port)"
  }

  /// The URL's database and role replaced, the rest kept.
  private func replacing(_ database: String, _ role: String?, in url: String) -> String {
    let (userinfo, host, parameters) = Self.parts(of: url)
    let user = role.map { "\($0)@" } ?? userinfo
    return "postgresql://\(user)\(host)/\(database)\(parameters)"
  }

  /// Where the server's socket is, or its host.
  var host: String {
    guard let externalURL else { return directory }
    let (_, host, parameters) = Self.parts(of: externalURL)
    let parameter = parameters.dropFirst().split(separator: "&").first { $0.hasPrefix("host=") }
    return parameter.map { String($0.dropFirst(5)) } ?? host
  }

  /// `user:password@`, `host:port` and `?name=value…` of a URL.
  private static func parts(of url: String) -> (userinfo: String, host: String, parameters: String) {
    let parameters = url.drop { $0 != "?" }
    let place = url.prefix { $0 != "?" }.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }
    let userinfo = place.lastIndex(of: "@").map { place[...$0] } ?? ""
    return (String(userinfo), String(place.dropFirst(userinfo.count)), String(parameters))
  }

  /// The one that belongs to the server; to one in a system of its own, this machine's.
  package var psql: String { programs.isEmpty || ServerPrograms.root != nil ? "psql" : "\(programs)/psql" }

  /// Runs SQL with psql; every statement must succeed.
  @discardableResult
  package func run(_ sql: String, in database: String = "postgres") throws -> String {
    return try requireCommand(
      [psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url(database: database), "-f", "-"], input: sql)
  }
}

/// A TCP port on 127.0.0.1 that nobody listens on.
package func freePort() -> Int? {
  #if canImport(Darwin)
    let descriptor = socket(AF_INET, SOCK_STREAM, 0)
  #else
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  #endif
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isBound = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
    }
  }
  return isBound ? Int(UInt16(bigEndian: address.sin_port)) : nil
}

/// Where the server's programs are, and as whom they run.
enum ServerPrograms {
  /// A directory with a whole system in it, whose /tmp is this one's: the server then runs there, by chroot. Only root can.
  static var root: String? { variable("PGADVISOR_SERVER_ROOT") }

  /// The newest in Debian's places, then `pg_config`'s, then `PATH`'s.
  static func find() -> String? {
    var places: [String] = []
    let outside = root ?? ""
    let versions = (try? runCommand(["ls", "\(outside)/usr/lib/postgresql"]))?.text.split(separator: "\n") ?? []
    for version in versions.compactMap({ Int($0) }).sorted(by: >) {
      places.append("/usr/lib/postgresql/\(version)/bin")
    }
    if root != nil { return places.first { access("\(outside)\($0)/initdb", X_OK) == 0 } }
    if let place = try? requireCommand(["pg_config", "--bindir"]) { places.append(String(place.dropLast())) }
    if let postgres = executable(named: "postgres") { places.append(String(postgres.dropLast("/postgres".count))) }
    return places.first { access("\($0)/initdb", X_OK) == 0 && access("\($0)/postgres", X_OK) == 0 }
  }

  static func hasLibrary(_ name: String, beside programs: String) -> Bool {
    if let root { return access("\(root)\(programs)/../lib/\(name).so", R_OK) == 0 }
    guard let place = try? requireCommand(["\(programs)/pg_config", "--pkglibdir"]) else {
      return access("\(programs)/../lib/\(name).so", R_OK) == 0
    }
    let path = String(place.split(separator: "\n").first ?? "")
    return access("\(path)/\(name).so", R_OK) == 0 || access("\(path)/\(name).dylib", R_OK) == 0
  }

  /// The server refuses to run as root.
  static func asServer(_ arguments: [String]) -> [String] {
    guard geteuid() == 0 else { return arguments }
    let user = getpwnam("postgres") != nil ? "postgres" : "nobody"
    if let root, let entry = getpwnam(user) {
      return ["chroot", "--userspec=\(entry.pointee.pw_uid):\(entry.pointee.pw_gid)", root] + arguments
    }
    if executable(named: "setpriv") != nil {
      let group = getpwnam(user).map { String($0.pointee.pw_gid) } ?? "65534"
      return ["setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups"] + arguments
    }
    return ["runuser", "-u", user, "--"] + arguments
  }

  /// Short, since the path of a socket has room for 107 bytes.
  static func temporaryDirectory() throws -> String {
    var path = Array("/tmp/pgadvisor-XXXXXX".utf8CString)
    guard mkdtemp(&path) != nil else { throw CommandFailure(description: "no temporary directory") }
    let directory = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if geteuid() == 0, let user = getpwnam("postgres") ?? getpwnam("nobody") {
      chown(directory, user.pointee.pw_uid, user.pointee.pw_gid)
    }
    return directory
  }
}
