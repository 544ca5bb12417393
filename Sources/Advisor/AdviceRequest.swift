// What a person wants advice on: sources, thresholds and limits, with the defaults that `--help` names.

package import Database
package import IndexTuner

/// One `advise` run.
package struct AdviceRequest: Sendable {
  /// pg_stat_statements is one of the sources.
  package var usesStatistics = true
  /// In the place of it: what of it may be shown.
  package var recorded: RecordedWorkload.Seen?
  package var thresholds = StatementThresholds()
  /// Files and directories; `-` is standard input, whose bytes are in `standardInput`.
  package var files: [String] = []
  package var standardInput: [UInt8] = []
  package var queries: [String] = []
  package var tuning = TuningSettings()
  package var timeLimit: Duration = .seconds(30)
  /// Connections on which prices are asked for at once; nil: as many as there are cores, where the server can spare them.
  package var connections: Int?
  package var cores = 1
  /// Asked which indexes they read, before one is called unused.
  package var replicas: [ConnectionTarget] = []
  /// Schemas in which names of `queries` are looked for; nil: the session's own.
  package var searchPath: [String]?
  /// The relations that there are for whoever asks, by OID; nil: all.
  package var relations: Set<UInt32>?

  package init() {}

  /// Bytes that all new indexes together may take; nil for no limit. Setting it sets what follows from it as well.
  package var storageBudget: Int64? {
    get { tuning.search.storageBudget }
    set {
      let usual = SearchSettings(storageBudget: newValue)
      tuning.search.storageBudget = newValue
      tuning.search.exchangeRate = usual.exchangeRate
      tuning.search.minimumImprovement = usual.minimumImprovement
    }
  }
}
