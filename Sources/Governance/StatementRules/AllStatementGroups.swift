// The decisions: each of PostgreSQL's statement kinds stands in exactly one group.

import SQLSyntax

private let propose = "Ask for it as a proposal that a person approves."
private let operatorOnly = "An operator runs it in a session of their own."

let allStatementGroups: [StatementGroup] = [
  // Queries and changes of data.
  StatementGroup(
    [.selectStmt],
    StatementClass(.permissions([.read]), "read-query", "reads", "")),
  StatementGroup(
    [.variableShowStmt],
    StatementClass(.permissions([.read]), "show", "shows a setting", "")),
  StatementGroup(
    [.insertStmt, .updateStmt, .deleteStmt, .mergeStmt],
    StatementClass(.permissions([.write]), "data-change", "changes data", propose)),
  StatementGroup(
    [.explainStmt], StatementClass(.contents, "explain", "shows a plan", "")),
  StatementGroup(
    [.copyStmt], StatementClass(.contents, "copy", "copies data", "Use a SELECT.")),
  // What others see or wait for.
  StatementGroup(
    [.notifyStmt], StatementClass(.permissions([.write]), "notify", "sends a message to other sessions", propose)),
  StatementGroup(
    [.lockStmt],
    StatementClass(.permissions([.write]), "lock-table", "takes a table lock that others wait for", propose)),
  // The catalog.
  StatementGroup(
    [.truncateStmt, .refreshMatViewStmt],
    StatementClass(.permissions([.ddl]), "replaces-table", "replaces a table's contents", propose)),
  StatementGroup(
    [
      .createStmt, .viewStmt, .indexStmt, .createSeqStmt, .alterSeqStmt, .alterTableStmt, .renameStmt,
      .alterObjectSchemaStmt, .alterObjectDependsStmt, .replicaIdentityStmt, .commentStmt, .ruleStmt, .createTrigStmt,
      .compositeTypeStmt, .createEnumStmt, .alterEnumStmt, .createRangeStmt, .alterTypeStmt, .createDomainStmt,
      .alterDomainStmt, .defineStmt, .alterOperatorStmt, .createCastStmt, .createConversionStmt, .createStatsStmt,
      .alterStatsStmt, .createSchemaStmt, .alterTSDictionaryStmt, .alterTSConfigurationStmt, .dropStmt,
    ],
    StatementClass(.permissions([.ddl]), "definition", "changes what there is in the database", propose)),
  StatementGroup(
    [.createTableAsStmt],
    StatementClass(.permissions([.read, .ddl]), "create-table-as", "stores what it reads in a new table", propose)),
  StatementGroup(
    [
      .createFunctionStmt, .alterFunctionStmt, .createTransformStmt, .createOpClassStmt, .createOpFamilyStmt,
      .alterOpFamilyStmt, .createAmStmt, .createPLangStmt, .createExtensionStmt, .alterExtensionStmt,
      .alterExtensionContentsStmt, .createEventTrigStmt, .alterEventTrigStmt, .createPolicyStmt, .alterPolicyStmt,
      .alterOwnerStmt, .grantStmt, .alterDefaultPrivilegesStmt, .secLabelStmt, .createPublicationStmt,
      .alterPublicationStmt,
    ],
    StatementClass(
      .permissions([.ddl, .admin]), "definition-of-rights",
      "changes what later statements evaluate, or who may do what", operatorOnly)),
  StatementGroup(
    [
      .createFdwStmt, .alterFdwStmt, .createForeignServerStmt, .alterForeignServerStmt, .createUserMappingStmt,
      .alterUserMappingStmt, .dropUserMappingStmt, .createForeignTableStmt, .importForeignSchemaStmt,
      .createSubscriptionStmt, .alterSubscriptionStmt, .dropSubscriptionStmt,
    ],
    StatementClass(
      .permissions([.ddl, .admin]), "foreign-data", "reaches files, programs or other servers", operatorOnly)),
  // The cluster.
  StatementGroup(
    [
      .createRoleStmt, .alterRoleStmt, .alterRoleSetStmt, .dropRoleStmt, .grantRoleStmt, .dropOwnedStmt,
      .reassignOwnedStmt, .createdbStmt, .alterDatabaseStmt, .alterDatabaseSetStmt, .alterDatabaseRefreshCollStmt,
      .dropdbStmt, .createTableSpaceStmt, .alterTableSpaceOptionsStmt, .alterTableMoveAllStmt, .dropTableSpaceStmt,
      .alterSystemStmt, .alterCollationStmt,
    ],
    StatementClass(.permissions([.admin]), "cluster", "changes roles, databases or the server", operatorOnly)),
  StatementGroup(
    [.vacuumStmt, .clusterStmt, .reindexStmt, .checkPointStmt],
    StatementClass(.permissions([.admin]), "maintenance", "is maintenance", operatorOnly)),
  StatementGroup(
    [.doStmt, .callStmt],
    StatementClass(.permissions([.admin]), "opaque-code", "runs code that cannot be judged", operatorOnly)),
  StatementGroup(
    [.loadStmt], StatementClass(.permissions([.admin]), "load", "loads a library into the server", operatorOnly)),
  // The session, which is not the sender's.
  StatementGroup(
    [.transactionStmt],
    StatementClass(
      .rejection, "transaction-control", "controls the transaction, which belongs to the server",
      "Leave it out: each statement has a transaction of its own.")),
  StatementGroup(
    [.variableSetStmt, .constraintsSetStmt, .discardStmt],
    StatementClass(
      .rejection, "session-setting", "changes the session, and with it what guards it",
      "Leave it out: limits and time zone are options of the tool.")),
  StatementGroup(
    [.prepareStmt, .executeStmt, .deallocateStmt],
    StatementClass(
      .rejection, "prepared-statement", "needs a session of its own", "Send the statement itself.")),
  StatementGroup(
    [.declareCursorStmt, .fetchStmt, .closePortalStmt],
    StatementClass(.rejection, "cursor", "needs a session of its own", "Send the query itself, with LIMIT and OFFSET.")),
  StatementGroup(
    [.listenStmt, .unlistenStmt],
    StatementClass(.rejection, "listen", "needs a session of its own", "There is none: no message could be delivered.")),
  // Never a statement that somebody sends.
  StatementGroup(
    [.rawStmt, .setOperationStmt, .pLAssignStmt, .returnStmt],
    StatementClass(.rejection, "no-statement", "is no statement of its own", "Send one SQL statement.")),
]
