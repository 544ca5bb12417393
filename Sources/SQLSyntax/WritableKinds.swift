// Which trees the deparser is trusted not to end the process with.

extension Node {
  /// Whether libpg_query's deparser may be given the tree.
  ///
  /// Before 17-6.2.4 it follows pointers it has not looked at: `SET TIME ZONE INTERVAL '1'` ends the process, and so may
  /// whatever has options, whose values can be of more kinds than it expects. Its functions for calls, types and casts
  /// in queries and changes of data expect nothing that the grammar does not ensure; XML and JSON are left out. All
  /// other statements have a text of their own anyhow.
  func isWritable() -> Bool {
    switch kind {
    case .selectStmt, .insertStmt, .updateStmt, .deleteStmt, .mergeStmt: break
    default: return false
    }
    var isWritable = true
    walkChoosing { node, _ in
      isWritable = isWritable && node.kind.isWritable
      return isWritable ? .into : .over
    }
    return isWritable
  }
}

extension NodeKind {
  fileprivate var isWritable: Bool {
    switch self {
    case .selectStmt, .insertStmt, .updateStmt, .deleteStmt, .mergeStmt, .mergeWhenClause, .withClause,
      .commonTableExpr, .cTESearchClause, .cTECycleClause, .intoClause, .onConflictClause, .inferClause, .indexElem,
      .lockingClause, .windowDef, .sortBy, .groupingSet, .resTarget, .multiAssignRef, .setToDefault, .currentOfExpr,
      .returningClause, .returningOption, .mergeSupportFunc:
      true
    case .rangeVar, .rangeSubselect, .rangeFunction, .rangeTableSample, .joinExpr, .alias, .columnDef:
      true
    case .columnRef, .aStar, .paramRef, .aConst, .string, .integer, .float, .boolean, .bitString, .list, .node:
      true
    case .aExpr, .boolExpr, .nullTest, .booleanTest, .caseExpr, .caseWhen, .coalesceExpr, .minMaxExpr, .subLink,
      .sQLValueFunction, .aArrayExpr, .aIndirection, .aIndices, .rowExpr, .funcCall, .namedArgExpr, .groupingFunc,
      .typeCast, .typeName, .collateClause:
      true
    default:
      false
    }
  }
}
