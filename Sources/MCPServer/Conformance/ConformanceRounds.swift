// Fixtures of calls in several rounds, with a state that the client carries from one to the next.

import JSON

let roundFixtures: [ConformanceFixture] = [
  ConformanceFixture(name: "test_input_required_result_elicitation", summary: "Asks for a name.") { _, context in
    guard let answer = context.answers["user_name"] else { return .ask(nameQuestion("user_name")) }
    return .text("Hello, \(field(answer, "name"))!")
  },
  ConformanceFixture(name: "test_input_required_result_sampling", summary: "Asks the client's model.") { _, context in
    guard let answer = context.answers["capital_question"] else {
      return .ask(sampling("capital_question", "What is the capital of France?", tokens: 100))
    }
    return .text("Sampling answered: \(answer["content"]?["text"]?.string ?? "no text")")
  },
  ConformanceFixture(name: "test_input_required_result_list_roots", summary: "Asks for the roots.") { _, context in
    guard let answer = context.answers["client_roots"] else { return .ask(roots) }
    return .text("Roots: \(answer["roots"]?.array?.count ?? 0)")
  },
  ConformanceFixture(name: "test_input_required_result_request_state", summary: "Carries a state.") { _, context in
    guard context.state == "confirming", context.answers["confirm"] != nil else {
      return .ask(confirmation, state: "confirming")
    }
    return .text("state-ok: the state came back as it was")
  },
  ConformanceFixture(name: "test_input_required_result_tampered_state", summary: "Carries a state.") { _, context in
    guard context.state == "untouched", context.answers["confirm"] != nil else {
      return .ask(confirmation, state: "untouched")
    }
    return .text("The state came back untouched")
  },
  ConformanceFixture(name: "test_input_required_result_multiple_inputs", summary: "Asks three things.") { _, context in
    guard let person = context.answers["user_name"], let greeting = context.answers["greeting"],
      let answer = context.answers["client_roots"], context.state == "three things"
    else {
      return .ask(
        nameQuestion("user_name"), sampling("greeting", "Generate a greeting", tokens: 50), roots,
        state: "three things")
    }
    let text = greeting["content"]?["text"]?.string ?? "no text"
    return .text("\(text) \(field(person, "name")), roots: \(answer["roots"]?.array?.count ?? 0)")
  },
  ConformanceFixture(name: "test_input_required_result_multi_round", summary: "Asks twice.") { _, context in
    if context.state?["round"] == 2, let color = context.answers["step2"] {
      return .text("\(context.state?["name"]?.string ?? "Somebody") likes \(field(color, "color"))")
    }
    if context.state?["round"] == 1, let person = context.answers["step1"] {
      return .ask(
        form("step2", "Step 2: What is your favorite color?", ["color": ["type": "string"]], required: ["color"]),
        state: ["round": 2, "name": .string(field(person, "name"))])
    }
    return .ask(form("step1", "Step 1: What is your name?", nameField, required: ["name"]), state: ["round": 1])
  },
  ConformanceFixture(
    name: "test_input_required_result_capabilities", summary: "Asks only what the client has declared."
  ) { _, context in
    let questions = [
      nameQuestion("user_name"), sampling("capital_question", "What is the capital of France?", tokens: 100),
    ]
    .filter { $0.isDeclared(in: context.capabilities) }
    guard !questions.isEmpty, context.answers.isEmpty else { return .text("Nothing left to ask") }
    return .inputRequired(InputRequired(questions: questions))
  },
]

private let roots = InputRequired.Question(key: "client_roots", method: "roots/list", parameters: [:])
private let confirmation = form("confirm", "Please confirm", ["ok": ["type": "boolean"]], required: ["ok"])

private func nameQuestion(_ key: String) -> InputRequired.Question {
  form(key, "What is your name?", nameField, required: ["name"])
}

/// A field of a form that was accepted.
private func field(_ answer: JSONValue, _ key: String) -> String { answer["content"]?[key]?.string ?? "nobody" }
