// How far the default search looks; found by trying, on TPC-H, TPC-DS, and joins of up to 17 relations.

/// How thorough the search is.
enum Thoroughness {
  /// Share of the workload that a saving must have to be looked for.
  static var worthwhile: Double { 1e-4 }
  /// Share of the smallest budget below which leaving an index out buys nothing.
  static var trifle: Double { 0.01 }
  /// A statement on more tables than that, with more candidates than that, is shown the narrow ones first.
  static var stagedTables: Int { 4 }
  static var stagedCandidates: Int { 24 }
  static var rounds: Int { 8 }
  static var waves: Int { 4 }
  /// Share of the load by which a round has to get on.
  static var progress: Double { 5e-4 }
  static var diversions: Int { 1 }
  /// Indexes that are looked to be replaced.
  static var replaced: Int { 5 }
  /// Fewer statements than that are asked about as thoroughly as so many.
  static var fewStatements: Int { 14 }
  /// From so many on each question has to bring more.
  static var manyStatements: Int { 40 }
  /// Then in percent of what follows.
  static var questionsAmongMany: Int { 145 }
  /// For each statement; beyond it only the budgets asked about are looked at.
  static var questionsForFurtherBudgets: Int { 30 }
  /// Likewise, beyond it large indexes are not replaced, and answers not repaired.
  static var questionsForDiversions: Int { 40 }
  /// Likewise, beyond it nothing is explored.
  static var questions: Int { 24 }
  /// Of all statements together, or so many for each where that is more.
  static var mostQuestions: Int { 5_000 }
  static var fewQuestions: Int { 15 }
  /// Times that a round begins with what would replace the indexes chosen.
  static var exchanges: Int { 4 }
  /// Earlier configurations that a master program starts from.
  static var beginnings: Int { 16 }
  /// Share of the load below which a loss that is remembered is asked about.
  static var doubt: Double { 1e-2 }
  /// Share of what statements weighed at first that an index must save of them, unless it halves what is left.
  static var noticeable: Double { 0.01 }
  /// Times that a choice built on derived plans is asked about.
  static var confirmations: Int { 6 }
  /// Part of the nodes where it is looked at again.
  static var confirmingPart: Int { 10 }
  static var repairs: Int { 4 }
}

extension SolvingEffort {
  /// For a choice that the search goes on from; of few statements exactly, which takes no time.
  static func exploring(_ statements: Int) -> SolvingEffort {
    SolvingEffort(
      nodes: 20, rootSteps: 80, nodeSteps: 20, starts: 1,
      tolerance: statements > Thoroughness.manyStatements ? 2e-3 : 1e-4)
  }

  /// For what would replace an index.
  static var replacing: SolvingEffort {
    SolvingEffort(nodes: 5, rootSteps: 80, nodeSteps: 20, starts: 1, tolerance: 2e-3)
  }

  /// For an answer, and the bound that is told with it.
  static var answering: SolvingEffort {
    SolvingEffort(nodes: 200, rootSteps: 200, nodeSteps: 40, starts: 3, tolerance: 1e-3)
  }

  /// For the front, from the plans of all answers.
  static var drawing: SolvingEffort {
    SolvingEffort(nodes: 0, rootSteps: 200, nodeSteps: 40, starts: 3, tolerance: 1e-3)
  }
}
