// The options that say where the store is and with which key it was made.

import Database
import Store

struct StoreOptions: Sendable {
  static let options: [Option] = [
    Option("store", .text("FILE"), "The store that serve writes to, or its URL; PGADVISOR_STORE, when not said."),
    Option("store-key", .text("FILE"), "The file with the key that the store was made with."),
  ]

  /// Bytes of a key; shorter ones can be guessed.
  static let keyWidth = 32...4_096

  let path: String
  let keyPath: String?

  init(_ arguments: ParsedArguments, _ context: Context) throws(Refusal) {
    guard let path = arguments.text("store") ?? context.variable("PGADVISOR_STORE") else {
      throw Refusal(message: "which store? Say it with --store FILE or PGADVISOR_STORE")
    }
    self.init(path: path, keyPath: arguments.text("store-key"))
  }

  init(path: String, keyPath: String?) { (self.path, self.keyPath) = (path, keyPath) }

  /// - Parameter mayCreate: for whoever writes; others do not make a store by asking for it.
  func open(mayCreate: Bool) async throws(Refusal) -> any AuditStore & QuotaLedger & ProposalStore {
    let key = try keyPath.map { path throws(Refusal) in try Self.key(at: path) }
    do throws(StoreError) {
      if namesServer(path) {
        return try await PostgresStore(at: ConnectionTarget(url: path), key: key, mayCreate: mayCreate)
      }
      return try SQLiteStore(at: path, key: key, mayCreate: mayCreate)
    } catch {
      throw Refusal(message: error.message, exitCode: .failure)
    }
  }

  private static func key(at path: String) throws(Refusal) -> [UInt8] {
    let file: SmallFile
    do throws(SmallFile.Failure) { file = try SmallFile(at: path, limit: keyWidth.upperBound) } catch {
      throw Refusal(message: "cannot read the key \(path): \(error.reason)", exitCode: .failure)
    }
    guard !file.isReadableByAll else {
      throw Refusal(message: "everybody may read the key \(path): chmod 600 it", exitCode: .failure)
    }
    guard file.bytes.count >= keyWidth.lowerBound else {
      throw Refusal(
        message: "the key \(path) has less than \(keyWidth.lowerBound) bytes: openssl rand -hex 32 > FILE",
        exitCode: .failure)
    }
    return file.bytes
  }
}

extension ServeSettings {
  /// The store that records go to, made where it is not there yet; nil where none is asked for.
  func openStore() async throws(Refusal) -> (any AuditStore & QuotaLedger & ProposalStore)? {
    guard let store else { return nil }
    return try await StoreOptions(path: store, keyPath: storeKey).open(mayCreate: true)
  }
}
