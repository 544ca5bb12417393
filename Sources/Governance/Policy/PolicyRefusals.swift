// The words in which a policy refuses: of what is hidden the same as of what was never there.

import Database

extension Verdict {
  /// A relation that does not exist for the caller, whether it does for others or not.
  static func absent(_ mention: Mentions.Relation) -> Verdict {
    let name = mention.written
    var verdict = Verdict(
      rejecting: "policy-relation", because: "the relation \(name) is not available here",
      wayOut: "list_objects shows what can be used.")
    verdict.position = mention.position
    verdict.absent = name
    return verdict
  }

  static let hiddenCode = Verdict(
    rejecting: "policy-code",
    because:
      "the statement calls something that is not available here: it does not exist, or reads what a policy rules",
    wayOut: "Say it with the tables themselves.")

  static let viewRule = "policy-view"

  static func ruledView(_ mention: Mentions.Relation) -> Verdict {
    about(
      mention, viewRule, "the view \(mention.written) reads what a policy rules",
      wayOut: "Query the tables that it reads: list_objects shows which can be used.")
  }

  static func ruledChild(_ mention: Mentions.Relation) -> Verdict {
    about(
      mention, "policy-child", "the relation \(mention.written) holds rows of another one that a policy rules",
      wayOut: "Query the tables below it one by one.")
  }

  static func ruledWrite(_ mention: Mentions.Relation) -> Verdict {
    about(
      mention, "policy-write", "a policy rules \(mention.written) or what it depends on: it cannot be written to",
      wayOut: "Ask somebody without the policy.")
  }

  static func ruledPlan(_ mention: Mentions.Relation) -> Verdict {
    about(
      mention, "policy-plan",
      "a policy rules \(mention.written) or what it reads: plans and advice would tell what it hides",
      wayOut: "Run the query itself.")
  }

  static func ruledSample(_ mention: Mentions.Relation) -> Verdict {
    about(
      mention, "policy-sample", "a policy rules \(mention.written): it cannot be sampled",
      wayOut: "Leave TABLESAMPLE out, and use LIMIT.")
  }

  static let unwritable = Verdict(
    rejecting: "policy-rewrite",
    because: "a policy rules what the statement reads, and it cannot be written in a way that holds",
    wayOut: "Say it in another way: give tables an alias, and name columns by it.")

  private static func about(
    _ mention: Mentions.Relation, _ rule: String, _ message: String, wayOut: String
  ) -> Verdict {
    var verdict = Verdict(rejecting: rule, because: message, wayOut: wayOut)
    verdict.position = mention.position
    return verdict
  }
}

extension Mentions.Relation {
  /// As the statement names it.
  var written: String { schema.map { "\($0).\(name)" } ?? name }
}
