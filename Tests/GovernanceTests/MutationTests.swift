// Position × spelling × nesting: a verdict is never weaker than what was planted, and does not depend on the spelling.

import Database
import Support
import Testing

@testable import Governance

@Suite(.needsServer) struct MutationTests {
  /// Every payload in every position, spelled plainly.
  @Test func noPositionHides() async throws {
    try await withGate { gate in
      for payload in MutationPayload.all {
        for position in MutationTemplate.positions {
          let text = position.filled(with: payload.text)
          let verdict = try await gate.judge(text)
          let floor = max(payload.floor, position.floor)
          #expect(verdict.isAtLeast(floor), "\(payload.name): \(text) → \(verdict.word) [\(verdict.rule)]")
          // `FOR UPDATE` is allowed nowhere in what is grouped, and so on: only what is harmless must be read.
          if payload.floor == .read && position.floor == .read {
            #expect(
              verdict.word == "read", "\(payload.name): \(text) → \(verdict.word) [\(verdict.rule)] \(verdict.notes)")
          }
        }
      }
    }
  }

  /// Drawn positions, nestings and wrappings, and for each several spellings.
  @Test func noSpellingOrNestingHides() async throws {
    await withSeededRandom { random in
      let seed = random.description
      var drawn = random
      try await withGate { gate in
        for _ in 0..<3_000 {
          let mutation = Mutation(using: &drawn)
          let plain = try await gate.judge(mutation.text)
          #expect(plain.isAtLeast(mutation.floor), "\(mutation.text) → \(plain.word) [\(plain.rule)] (\(seed))")
          for _ in 0..<3 {
            let spelled = mutation.spelled(using: &drawn)
            let verdict = try await gate.judge(spelled)
            #expect(
              verdict.permissions == plain.permissions && verdict.rule == plain.rule,
              "\(spelled) → \(verdict.word) [\(verdict.rule)], but \(plain.word) [\(plain.rule)] plainly (\(seed))")
          }
        }
      }
      random = drawn
    }
  }

  /// The same behind a stored definition: the body of a view, a function, a policy, a default.
  @Test func noDefinitionHides() async throws {
    var random = SeededRandom()
    let seed = random.description
    var hidden: [(Mutation, [String])] = []
    var script = CorpusLine.setupOrEmpty + "\nSET check_function_bodies = off;\nCREATE SCHEMA mutation;\n"
    for number in 0..<300 {
      let mutation = Mutation(using: &random, wrappingAllowed: false)
      script += definitions(of: mutation.spelled(using: &random), number)
      hidden.append((mutation, uses(number)))
    }
    try await withGate(script) { gate in
      var stored = 0
      for (mutation, uses) in hidden {
        for use in uses {
          let verdict = try await gate.judge(use)
          let floor = use.hasPrefix("EXPLAIN") && mutation.floor == .read ? Permission.explain : mutation.floor
          #expect(verdict.isAtLeast(floor), "\(use): \(mutation.text) → \(verdict.word) (\(seed))")
          if verdict.word != "admin" || mutation.floor == .admin { stored += 1 }
        }
      }
      #expect(stored > 100, "\(stored) definitions were judged (\(seed))")
    }
  }

  private func withGate(_ schema: String? = nil, _ body: (inout Gate) async throws -> Void) async throws {
    try await withDatabase(schema: try schema ?? CorpusLine.setup, hasExtensions: false) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      var gate = Gate(names: LiveNames(on: session))
      try await body(&gate)
      await session.close()
    }
  }

  /// The statement as the body of functions, which PostgreSQL does not look at, and of a view; what is not fit for
  /// one becomes a view that waits.
  private func definitions(of text: String, _ number: Int) -> String {
    """
    CREATE FUNCTION mutation.sql_\(number)() RETURNS SETOF record LANGUAGE sql STABLE AS $body$ \(text) $body$;
    CREATE FUNCTION mutation.procedural_\(number)() RETURNS void LANGUAGE plpgsql STABLE AS $body$
    DECLARE r record;
    BEGIN
      FOR r IN \(text)
      LOOP
        NULL;
      END LOOP;
    END $body$;
    CREATE FUNCTION mutation.outer_\(number)() RETURNS bigint LANGUAGE sql STABLE AS
      $body$ SELECT count(*) FROM (SELECT mutation.procedural_\(number)()) AS s $body$;
    DO $try$ BEGIN EXECUTE $view$CREATE VIEW mutation.view_\(number) AS \(text)
      $view$; EXCEPTION WHEN OTHERS THEN CREATE VIEW mutation.view_\(number) AS SELECT 1 FROM pg_sleep(0); END $try$;

    """
  }

  private func uses(_ number: Int) -> [String] {
    [
      "SELECT * FROM mutation.sql_\(number)() AS r (a integer)", "SELECT mutation.procedural_\(number)()",
      "EXPLAIN SELECT mutation.outer_\(number)()", "TABLE mutation.view_\(number)",
    ]
  }
}

/// A payload in a position, in nestings.
private struct Mutation {
  var payload: MutationPayload
  /// The whole statement, `@` for the payload.
  var template: MutationTemplate
  var floor: Permission

  var text: String { template.filled(with: payload.text) }

  init(using random: inout SeededRandom, wrappingAllowed: Bool = true) {
    func draw<T>(_ list: [T]) -> T { list[Int.random(in: 0..<list.count, using: &random)] }
    payload = draw(MutationPayload.all)
    var template = draw(MutationTemplate.positions.filter { wrappingAllowed || $0.floor == .read })
    if !wrappingAllowed, template.text.hasPrefix("COPY") { template = MutationTemplate.positions[0] }
    var floor = max(payload.floor, template.floor)
    if template.floor == .read && !template.text.hasPrefix("COPY") {
      for _ in 0..<Int.random(in: 0..<4, using: &random) {
        template.text = draw(MutationTemplate.nestings).filled(with: template.text)
      }
      if Int.random(in: 0..<8, using: &random) == 0 {
        let depth = Int.random(in: 1..<60, using: &random)
        template.text = String(repeating: "(", count: depth) + template.text + String(repeating: ")", count: depth)
      }
    }
    if wrappingAllowed && !template.text.hasPrefix("COPY") {
      let isQuery = template.floor == .read
      let wrapping = draw(MutationTemplate.wrappings.filter { isQuery || !$0.text.hasPrefix("EXPLAIN") })
      template.text = wrapping.filled(with: template.text)
      if wrapping.floor == .explain && payload.floor == .read { floor = .explain }
    }
    self.template = template
    self.floor = floor
  }

  func spelled(using random: inout SeededRandom) -> String {
    template.filled(with: MutationSpellings.text(of: payload, using: &random))
  }
}

extension Verdict {
  fileprivate func isAtLeast(_ floor: Permission) -> Bool { strongest.map { $0 >= floor } ?? true }
}

extension CorpusLine {
  /// For tests that need a server anyway.
  fileprivate static var setupOrEmpty: String { (try? setup) ?? "" }
}
