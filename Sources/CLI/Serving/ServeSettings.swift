// How agents come, and what is kept of it: what `serve` needs beyond connections and identities.

import Governance
import HealthChecks
import MCPServer
import YAML

/// Where a server listens.
struct HTTPAddress: Sendable, Equatable, CustomStringConvertible {
  var host: String
  /// 0: a free one.
  var port: UInt16

  /// `127.0.0.1:8765`, `[::1]:8765`, `localhost:8765`; `:8765` and `8765` are on this machine only.
  init?(_ text: String) {
    let colon = text.lastIndex(of: ":")
    let digits = colon.map { text[text.index(after: $0)...] } ?? text[...]
    guard let port = UInt16(digits), digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    var host = colon.map { String(text[..<$0]) } ?? ""
    if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      return nil
    } else if host.isEmpty {
      host = "127.0.0.1"
    }
    guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"/[]".utf8.contains($0) }) else { return nil }
    self.host = host
    self.port = port
  }

  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Whether only this machine can reach it.
  var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}

/// Certificate and key, in PEM.
struct TLSFiles: Sendable, Equatable {
  var certificate: String
  var key: String
}

/// Bounds of the HTTP server, as far as an operator sets them.
struct ServeLimits: Sendable, Equatable {
  var body = 4 << 20
  var connections = 2_048
  var sessions = 10_000
  var sessionIdle = Duration.seconds(1_800)
  var drain = Duration.seconds(10)
}

/// Everything but connections and identities.
struct ServeSettings: Sendable, Equatable {
  /// nil: over standard input and output.
  var http: HTTPAddress?
  var tls: TLSFiles?
  var rules = HTTPRules()
  var limits = ServeLimits()
  /// What tools keep for their callers.
  var product = ProductLimits()
  var audit: String?
  /// The file that holds the chain of records, and the key of its links.
  var store: String?
  var storeKey: String?
  /// Days after which records are retired; nil: never.
  var retentionDays: Int?
  /// Whom standard input and output belong to.
  var localAgent: String?
  /// How proposals are kept and run, and who may approve them.
  var proposals = ProposalRules()
  var approvers: [GrantRule] = []
  /// From where something is a finding of the health checks.
  var health = Limits()

  /// What can only change by a new start, by the key that says it.
  func changedFixed(from other: ServeSettings) -> String? {
    let pairs: [(String, Bool)] = [
      ("http", http == other.http), ("tls", tls == other.tls),
      ("allowed_hosts", rules.hosts == other.rules.hosts), ("allowed_origins", rules.origins == other.rules.origins),
      ("max_body", limits.body == other.limits.body),
      ("connections", limits.connections == other.limits.connections),
      ("sessions", limits.sessions == other.limits.sessions),
      ("session_idle", limits.sessionIdle == other.limits.sessionIdle), ("drain", limits.drain == other.limits.drain),
      ("patience", product.patience == other.product.patience), ("jobs", product.jobs == other.product.jobs),
      ("jobs_of_one", product.jobsOfOne == other.product.jobsOfOne),
      ("job_lifetime", product.jobLifetime == other.product.jobLifetime),
      ("result_lifetime", product.resultLifetime == other.product.resultLifetime),
      ("result_bytes", product.resultBytes == other.product.resultBytes), ("store", store == other.store),
      ("store_key_file", storeKey == other.storeKey), ("audit_retention_days", retentionDays == other.retentionDays),
    ]
    return pairs.first { !$0.1 }?.0
  }
}
