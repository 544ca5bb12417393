// Kinds of nodes that mean no more than what stands in them.

import SQLSyntax

extension StatementReader {
  /// Parts of statements that PostgreSQL's grammar makes, besides those that `visit` looks at. Kinds that only later
  /// stages of PostgreSQL make are not here: a parser never gives them.
  static let plainKinds: Set<NodeKind> = [
    // Expressions.
    .aArrayExpr, .aIndices, .boolExpr, .booleanTest, .nullTest, .caseWhen, .coalesceExpr, .minMaxExpr, .rowExpr,
    .groupingFunc, .groupingSet, .collateClause, .namedArgExpr, .multiAssignRef, .sQLValueFunction, .xmlExpr,
    .xmlSerialize, .typeCast, .resTarget, .windowDef, .list, .intList, .oidList, .mergeSupportFunc,
    // SQL/JSON.
    .jsonValueExpr, .jsonFormat, .jsonReturning, .jsonOutput, .jsonArgument, .jsonBehavior, .jsonFuncExpr,
    .jsonObjectConstructor, .jsonArrayConstructor, .jsonArrayQueryConstructor, .jsonAggConstructor, .jsonObjectAgg,
    .jsonArrayAgg, .jsonKeyValue, .jsonIsPredicate, .jsonParseExpr, .jsonScalarExpr, .jsonSerializeExpr,
    .jsonTableColumn, .jsonTablePathSpec,
    // FROM, WITH, INSERT, MERGE.
    .rangeTableFuncCol, .cTESearchClause, .cTECycleClause, .inferClause, .onConflictClause, .indexElem,
    .mergeWhenClause, .returningClause, .returningOption,
    // Definitions.
    .columnDef, .constraint, .defElem, .roleSpec, .tableLikeClause, .partitionSpec, .singlePartitionSpec,
    .partitionElem, .partitionBoundSpec, .partitionRangeDatum, .partitionCmd, .alterTableCmd, .aTAlterConstraint,
    .functionParameter, .objectWithArgs, .accessPriv, .createOpClassItem, .statsElem, .triggerTransition,
    .publicationObjSpec, .publicationTable, .vacuumRelation, .callContext, .inlineCodeBlock,
  ]
}
