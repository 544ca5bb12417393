// How a statement is called in messages.

import SQLSyntax

enum StatementNames {
  private static let names: [NodeKind: String] = [
    .selectStmt: "SELECT", .insertStmt: "INSERT", .updateStmt: "UPDATE", .deleteStmt: "DELETE", .mergeStmt: "MERGE",
    .variableSetStmt: "SET", .variableShowStmt: "SHOW", .transactionStmt: "transaction control", .copyStmt: "COPY",
    .createTableAsStmt: "CREATE TABLE AS", .doStmt: "DO", .callStmt: "CALL", .createStmt: "CREATE TABLE",
    .prepareStmt: "PREPARE", .executeStmt: "EXECUTE", .declareCursorStmt: "DECLARE", .viewStmt: "CREATE VIEW",
    .indexStmt: "CREATE INDEX", .vacuumStmt: "VACUUM or ANALYZE", .closePortalStmt: "CLOSE", .defineStmt: "CREATE",
    .constraintsSetStmt: "SET CONSTRAINTS", .createdbStmt: "CREATE DATABASE", .dropdbStmt: "DROP DATABASE",
    .createTrigStmt: "CREATE TRIGGER", .ruleStmt: "CREATE RULE", .refreshMatViewStmt: "REFRESH MATERIALIZED VIEW",
    .checkPointStmt: "CHECKPOINT", .renameStmt: "ALTER … RENAME", .alterOwnerStmt: "ALTER … OWNER",
    .compositeTypeStmt: "CREATE TYPE", .alterRoleSetStmt: "ALTER ROLE … SET",
  ]

  /// "CREATE FUNCTION" for `CreateFunctionStmt`.
  static func name(of node: Node) -> String {
    if let name = names[node.kind] { return name }
    let kind = "\(node.kind)"
    let words = kind.hasSuffix("Stmt") ? kind.dropLast(4) : kind[...]
    var name = ""
    for letter in words {
      if letter.isUppercase && !name.isEmpty { name += " " }
      name += letter.uppercased()
    }
    return name
  }
}
