// libpq's own reasons for giving up, told by their words.

/// The first rule whose words occur in libpq's account applies.
struct LocalRule {
  let code: DatabaseError.Code
  let words: [String]
  let cause: @Sendable (String) -> String
  let advice: String
  var showsDetail = false

  static let all: [LocalRule] = tls + targets + network

  private static let tls: [LocalRule] = [
    LocalRule(
      code: .tlsUnsupported, words: ["server does not support SSL, but SSL was required"],
      cause: { "\($0) has no TLS, and sslmode insists on it" },
      advice: "Switch TLS on at the server (ssl = on), or use sslmode=prefer where the network is trusted"),
    LocalRule(
      code: .certificateNotTrusted,
      words: ["certificate verify failed", "tlsv1 alert unknown ca", "unable to get local issuer certificate"],
      cause: { "the TLS certificate of \($0) is not signed by an authority that is trusted here" },
      advice: "Give the authority's certificate: sslrootcert=/path/to/ca.crt, or sslrootcert=system"),
    LocalRule(
      code: .certificateNotTrusted, words: ["root certificate file"],
      cause: { "there is no root certificate to check the TLS certificate of \($0) against" },
      advice: "Give the authority's certificate: sslrootcert=/path/to/ca.crt, or put it into ~/.postgresql/root.crt"),
    LocalRule(
      code: .certificateHostMismatch, words: ["does not match host name"],
      cause: { "the TLS certificate of \($0) is for another host" },
      advice: "Connect by the name in the certificate, or use sslmode=verify-ca", showsDetail: true),
    LocalRule(
      code: .tlsFailed,
      words: ["SSL error", "SSL SYSCALL error", "private key file", "certificate file", "could not load client cert"],
      cause: { "no TLS connection to \($0)" },
      advice: "Check sslmode, sslrootcert, sslcert and sslkey", showsDetail: true),
  ]

  private static let targets: [LocalRule] = [
    LocalRule(
      code: .serviceNotFound, words: ["definition of service", "service file"],
      cause: { _ in "the connection service is not defined" },
      advice: "Check PGSERVICE or service=, and the files ~/.pg_service.conf and pg_service.conf", showsDetail: true),
    LocalRule(
      code: .invalidTarget,
      words: ["invalid port number", "invalid sslmode value", "invalid integer value", "could not match", "invalid "],
      cause: { _ in "a connection parameter is not valid" },
      advice: "Check the URL and the PG* environment variables"),
  ]

  private static let network: [LocalRule] = [
    LocalRule(
      code: .unreachable, words: ["could not translate host name"],
      cause: { "the host of \($0) is not known" }, advice: "Check the host's name"),
    LocalRule(
      code: .unreachable, words: ["Connection refused", "No such file or directory"],
      cause: { "no server answers at \($0)" },
      advice: "Check that it runs, that host and port are right, and listen_addresses for TCP"),
    LocalRule(
      code: .unreachable, words: ["Permission denied"],
      cause: { "this operating-system user may not use \($0)" },
      advice: "Check unix_socket_permissions and the directory's permissions"),
    LocalRule(
      code: .unreachable, words: ["No route to host", "Network is unreachable", "Host is down"],
      cause: { "the network has no way to \($0)" }, advice: "Check address, VPN and firewall"),
    LocalRule(
      code: .connectTimeout, words: ["timeout expired", "Connection timed out"],
      cause: { "no answer from \($0) in time" }, advice: "Check host, port and firewall"),
    LocalRule(
      code: .connectionFailed, words: ["server closed the connection unexpectedly"],
      cause: { "\($0) hung up at once" },
      advice: "It may be no PostgreSQL server, or one that wants TLS from the first byte; its log tells more"),
  ]
}
