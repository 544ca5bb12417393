// How a bounded transaction begins, and what is remembered so that the next one begins in fewer and cheaper steps.

/// The settings that were found to be right for some bounds on one session.
struct QuickBeginning: Sendable {
  /// Without the application's name, which each call has its own.
  var bounds: TransactionBounds
  /// Names and values in turn of those settings that are others than a clean session has.
  var settings: [String]
  /// Sets as many, and confirms.
  var statement: SQL
  /// Sets as many where `ground` holds, and fails otherwise.
  var conditional: SQL
  var refused: [String]
  /// `search_path`, and the mark under which it was found: schemas come and go.
  var path: String
  var mark: String?
  /// When the server had read its configuration: its own ceilings may be others afterwards.
  var configuration: String
  /// Transactions of one statement may end by `QuietEnding`.
  var endsQuietly: Bool
  /// Beginnings for which the path is asked for, since others keep changing the database.
  var cautious = 0
  /// Transactions in a row that found the mark, and how many of them make it steady.
  private var sightings = 0
  private var wanted = 1

  init(
    bounds: TransactionBounds, settings: [String], statement: SQL, conditional: SQL, refused: [String], path: String,
    mark: String?, configuration: String, endsQuietly: Bool
  ) {
    self.bounds = bounds
    self.settings = settings
    self.statement = statement
    self.conditional = conditional
    self.refused = refused
    self.path = path
    self.mark = mark
    self.configuration = configuration
    self.endsQuietly = endsQuietly
  }

  /// What `statement` is asked with.
  func values(_ bounds: TransactionBounds, path: String) -> [String?] { [bounds.applicationName, path] + settings }

  /// What the server has to find before a statement runs that nobody has asked about.
  var ground: String? { mark.map { "\($0) \(configuration)" } }

  var isSteady: Bool { ground != nil && cautious == 0 && sightings >= wanted }

  mutating func sees(_ mark: String?) { sightings = mark == self.mark && mark != nil ? sightings + 1 : 0 }

  /// It was taken for steady, and was not.
  mutating func isSurprised() {
    sightings = 0
    wanted = min(4_096, wanted * 2)
  }
}

extension Session {
  /// Only on a session of which nobody has had anything since it was cleaned: its settings are those it was opened with.
  /// - Returns: nil when nothing fitting is remembered, or it holds no more; no transaction is open then.
  func beginQuickly(
    _ access: TransactionAccess, _ bounds: TransactionBounds
  ) async throws(DatabaseError) -> BoundedTransaction? {
    guard isClean, !server.isPooled else { return nil }
    // Once more if only the path could not be trusted.
    for _ in 0..<2 {
      guard let known = quickBeginning, known.bounds == bounds.unnamed else { return nil }
      if let ongoing = try await begin(access, bounds, as: known) { return ongoing }
      let isSurprise = boundedTransaction != nil
      boundedTransaction = nil
      await rollBack()
      if isSurprise {
        _ = await clean(within: .seconds(5))
        return nil
      }
    }
    return nil
  }

  private func begin(
    _ access: TransactionAccess, _ bounds: TransactionBounds, as known: QuickBeginning
  ) async throws(DatabaseError) -> BoundedTransaction? {
    let trustsPath = known.mark != nil && known.cautious == 0
    var requests: [Request] = [.step(.statement(access.beginning, []))]
    if !trustsPath { requests.append(.step(.statement(BoundedSettings.path, []))) }
    requests.append(
      .step(
        .statement(
          known.statement, known.values(bounds, path: trustsPath ? known.path : BoundedSettings.ownPath))))
    if !trustsPath { requests.append(.step(.statement(BoundedSettings.pinnedPath, [bounds.path]))) }
    let answers = try await exchange(requests)
    for answer in answers { _ = try answer.get() }
    let ongoing = try BoundedTransaction(access, bounds, confirmedBy: answers[trustsPath ? 1 : 2].get().rows)
    if ongoing.hasHypothetical, !knowsHypothetical {
      // Loaded by the last user's statement: there is more to clean than was known then.
      boundedTransaction = ongoing
      return nil
    }
    quickBeginning?.sees(ongoing.mark)
    guard ongoing.configuration == known.configuration, !trustsPath || ongoing.mark == known.mark else {
      if ongoing.configuration == known.configuration {
        quickBeginning?.cautious = 16
      } else {
        quickBeginning = nil
      }
      return nil
    }
    if !trustsPath, let path = try answers[3].get().rows.text(0, 0) {
      quickBeginning?.path = path
      quickBeginning?.mark = ongoing.mark
      quickBeginning?.cautious = max(0, known.cautious - 1)
    }
    boundedTransaction = ongoing
    refusedSettings = known.refused
    return ongoing
  }

  /// Finds out what this server has and this role may set, and remembers it.
  func beginThoroughly(
    _ access: TransactionAccess, _ bounds: TransactionBounds
  ) async throws(DatabaseError) -> BoundedTransaction {
    let wasClean = isClean
    let answers = try await exchange([
      .step(.statement(access.beginning, [])),
      .step(.statement(BoundedSettings.path, [])),
      .step(.statement(BoundedSettings.made, [bounds.values[0]])),
      .step(.statement(BoundedSettings.settings(on: server), bounds.values)),
      .step(.statement(BoundedSettings.made, [bounds.values[0]])),
      .step(.statement(BoundedSettings.pinnedPath, [bounds.path])),
      .step(.statement(BoundedTransaction.firstConfirmation, [])), .step(.statement(QuietEnding.permission, [])),
    ])
    for answer in answers { _ = try answer.get() }
    let ongoing = try BoundedTransaction(access, bounds, confirmedBy: answers[6].get().rows)
    boundedTransaction = ongoing
    refusedSettings = try answers[3].get().rows.decoded(as: String.self)
    guard wasClean else { return ongoing }
    let before = try answers[2].get().rows.decoded(as: MadeSetting.self)
    let made = try answers[4].get().rows.decoded(as: MadeSetting.self).filter { !before.contains($0) }
    let path = try answers[5].get().rows.text(0, 0) ?? ""
    quickBeginning = nil
    if let statement = BoundedSettings.statement(setting: made.count),
      let conditional = BoundedSettings.conditional(setting: made.count)
    {
      quickBeginning = QuickBeginning(
        bounds: bounds.unnamed, settings: made.flatMap { [$0.name, $0.value] }, statement: statement,
        conditional: conditional, refused: refusedSettings, path: path, mark: ongoing.mark,
        configuration: ongoing.configuration, endsQuietly: try answers[7].get().rows.text(0, 0) == "t")
    }
    return ongoing
  }
}

private struct MadeSetting: Decodable, Equatable {
  var name: String
  var value: String
}

extension TransactionAccess {
  var beginning: SQL { self == .readOnly ? Self.reading : Self.writing }

  private static let reading: SQL = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
  private static let writing: SQL = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
}

extension TransactionBounds {
  fileprivate var path: String? { searchPath.map { arrayLiteral($0) } }

  var unnamed: TransactionBounds {
    var bounds = self
    bounds.applicationName = ""
    return bounds
  }
}
