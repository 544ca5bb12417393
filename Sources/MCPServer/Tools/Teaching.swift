// What an error says beside what went wrong: the nearest name there is, and the next tool to call.

import Governance
import JSON

extension ToolContext {
  /// A failure of a statement with what may have been meant. Asks the catalog only about names, and only those that the
  /// caller may see; without an answer it is the failure as it was.
  func taught(_ failure: ToolFailure) async -> ToolFailure {
    var taught = failure
    // Such a hint was written by whoever wrote the message.
    if failure.mayQuoteData, let hint = failure.hint {
      taught.message += "\nHINT: \(hint)"
      taught.hint = nil
    }
    if failure.code == "refused", let verdict = failure.verdict, !verdict.isRejected,
      let wayOut = wayOut(ofNeeding: verdict.permissions)
    {
      taught.hint = wayOut
    }
    if let said = Self.plainly(failure) { taught.message = said }
    let (suggestion, next) = await advice(on: failure)
    let isSaid = taught.hint?.hasPrefix("Perhaps you meant") == true
    taught.hint = [isSaid ? nil : suggestion, taught.hint, next]
      .compactMap { $0 }.map { $0.hasSuffix(".") || $0.hasSuffix("?") ? $0 : $0 + "." }.joined(separator: " ")
    if taught.hint?.isEmpty == true { taught.hint = nil }
    return taught
  }

  private func advice(on failure: ToolFailure) async -> (suggestion: String?, next: String?) {
    let name = failure.place.flatMap { WrittenName(in: $0.text, at: $0.offset) }
    switch failure.sqlState {
    // Where a table is missing in FROM the message names the qualifier, and PostgreSQL's own hint is better.
    case "42P01" where name.map({ !failure.message.contains($0.last) }) ?? false: return (nil, nil)
    case "42P01":
      // Of a hypothetical index there is no place, and the name stands in the message.
      let written = name ?? failure.message.split(separator: "\"").dropFirst().first.flatMap { WrittenName(String($0)) }
      return (await nearestRelation(to: written), "list_objects shows the tables and views there are.")
    case "3F000": return (await nearestSchema(to: name), "list_schemas shows the schemas there are.")
    case "42703": return (await nearestColumn(to: name, in: failure.place?.text), "describe_table shows the columns.")
    case "42883", "42725":
      return (await nearestFunction(to: name), "list_objects with kind function shows functions and their arguments.")
    case "42501": return (nil, "The role of this connection lacks a privilege: an operator can grant it.")
    case "57014": return (nil, "It took too long: ask for less, or look at its plan with explain_query.")
    case "55P03": return (nil, "Somebody else holds a lock: try again later; analyze_db_health shows who blocks.")
    case "42P02", "08P01": return (nil, "Give a value for each of $1, $2, … in parameters.")
    case "42P18":
      return (nil, "Each value in parameters belongs to a $1, $2, … of the statement, with a type: $1::integer.")
    case "22P02" where failure.message.contains("[") && failure.message.contains("array"):
      return (nil, "An array among the parameters is PostgreSQL's text: \"{1,2}\".")
    case "25001": return (nil, "It cannot run in a transaction, and here each statement does: an operator runs it.")
    case "25006": return (nil, "It would write: write_data, run_ddl and run_admin are for that.")
    case nil where failure.code == "refused": return (await nearest(to: failure, name), nil)
    default: return (nil, nil)
    }
  }

  /// PostgreSQL speaks of the messages that carry a statement to it.
  private static func plainly(_ failure: ToolFailure) -> String? {
    guard failure.sqlState == "08P01", failure.message.hasPrefix("bind message supplies ") else { return nil }
    let numbers = failure.message.split { !$0.isASCII || !$0.isNumber }
    guard numbers.count == 2 else { return nil }
    return
      "the statement wants \(numbers[1]) \(numbers[1] == "1" ? "value" : "values") for $1, …, and got \(numbers[0])"
  }

  /// What the gate refuses because it is not there.
  private func nearest(to refusal: ToolFailure, _ name: WrittenName?) async -> String? {
    if let absent = refusal.absent { return await nearestRelation(to: WrittenName(in: absent, at: 0)) }
    // The gate does not tell whether it is not there or not known to be harmless; what has this very name is no news.
    guard refusal.message.contains("is not available here") else { return nil }
    if refusal.message.contains("the type ") { return "list_objects with kind type shows the types of a schema." }
    return await nearestFunction(to: name)
  }

  private func nearestRelation(to name: WrittenName?) async -> String? {
    guard let name, let all = try? await governor.relationNames(for: call) else { return nil }
    // The same name in another schema is what is meant most often.
    if let elsewhere = all.first(where: { $0.name == name.last && $0.schema != name.qualifier && !$0.isNear }) {
      return "Did you mean \(shown(elsewhere.schema)).\(shown(elsewhere.name))?"
    }
    let near = nearestName(to: name.last, among: all.map(\.name))
    guard let found = all.first(where: { $0.name == near }) else { return nil }
    return "Did you mean \(found.isNear ? "" : shown(found.schema) + ".")\(shown(found.name))?"
  }

  func nearestSchema(to name: WrittenName?) async -> String? {
    guard let name, let all = try? await governor.schemas(includesSystem: true, for: call) else { return nil }
    let names = (all.array ?? []).compactMap { $0["schema_name"]?.string }
    guard !names.contains(name.parts[0]) else { return nil }
    return nearestName(to: name.parts[0], among: names).map { "Did you mean \(shown($0))?" }
  }

  private func nearestColumn(to name: WrittenName?, in text: String?) async -> String? {
    guard let name, let text, let verdict = try? await governor.judge(text, for: call),
      let all = try? await governor.columnNames(in: verdict, for: call)
    else { return nil }
    let near = nearestName(to: name.last, among: all.map(\.column))
    guard let found = all.first(where: { $0.column == near }) else { return nil }
    return "Did you mean \(shown(found.column)) of \(shown(found.relation))?"
  }

  private func nearestFunction(to name: WrittenName?) async -> String? {
    guard let name, let all = try? await governor.functionNames(for: call) else { return nil }
    let same = all.filter { $0.name == name.last }
    if let found = same.first { return "There is \(shown(found.name))(\(shown(found.arguments)))." }
    let near = nearestName(to: name.last, among: all.map(\.name))
    guard let found = all.first(where: { $0.name == near }) else { return nil }
    return
      "Did you mean \(found.isNear ? "" : shown(found.schema) + ".")\(shown(found.name))(\(shown(found.arguments)))?"
  }

  /// Names are data too: nobody sees what is not there, and they are short.
  private func shown(_ name: String) -> String { visible(String(name.prefix(130))) }
}
