// Databases for tests, and the tests that need one.

import Foundation
import Synchronization
package import Testing

extension Trait where Self == ConditionTrait {
  /// Skips the test where no PostgreSQL server is at hand.
  package static var needsServer: Self { .enabled(if: ScratchCluster.isAvailable, "skipped: no server") }
}

/// Lends a fresh database and drops it.
///
/// - Parameters:
///   - schema: SQL that psql runs first.
///   - hasExtensions: hypopg and pg_stat_statements are created in `public` where the server has them.
///   - body: gets the URL, as a superuser.
@discardableResult
package func withDatabase<R>(
  schema: String = "", hasExtensions: Bool = true, isolation: isolated (any Actor)? = #isolation,
  _ body: (_ url: String) async throws -> R
) async throws -> R {
  let name = TestDatabases.nextName()
  let cluster = try await onOwnThread {
    let cluster = try ScratchCluster.shared()
    let template = hasExtensions ? try TestDatabases.template(on: cluster) : "template0"
    try TestDatabases.create(name, from: template, on: cluster)
    if !schema.isEmpty { try cluster.run(schema, in: name) }
    return cluster
  }
  let result: Result<R, any Error>
  do { result = .success(try await body(cluster.url(database: name))) } catch { result = .failure(error) }
  _ = try? await onOwnThread { try cluster.run("DROP DATABASE \(name) WITH (FORCE)") }
  return try result.get()
}

/// Runs what blocks, such as other programs, where it holds up no other test.
package func onOwnThread<R: Sendable>(
  isolation: isolated (any Actor)? = #isolation, _ body: @escaping @Sendable () throws -> R
) async throws -> R {
  try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<R, any Error>) in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}

private enum TestDatabases {
  private static let lastNumber = Atomic<Int>(0)
  private static let knownTemplate = Mutex<String?>(nil)
  /// PostgreSQL refuses to copy a template that somebody else is copying from or connected to.
  private static let copying = Mutex<Void>(())

  /// Unique also on a cluster that several processes share.
  static func nextName() -> String {
    "test_\(UInt32.random(in: 0...UInt32.max))_\(lastNumber.add(1, ordering: .relaxed).newValue)"
  }

  static func create(_ name: String, from template: String, on cluster: ScratchCluster) throws {
    _ = try copying.withLock { _ in try cluster.run("CREATE DATABASE \(name) TEMPLATE \(template)") }
  }

  static func template(on cluster: ScratchCluster) throws -> String {
    try knownTemplate.withLock { known in
      if let known { return known }
      let name = "template_\(UInt32.random(in: 0...UInt32.max))"
      try create(name, from: "template0", on: cluster)
      try cluster.run(
        """
        SELECT format('CREATE EXTENSION %I', name) FROM pg_available_extensions
        WHERE name IN ('hypopg', 'pg_stat_statements') \\gexec
        """, in: name)
      known = name
      return name
    }
  }
}
