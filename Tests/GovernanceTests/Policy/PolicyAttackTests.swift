// What nobody may learn under a policy, tried in every way that is known.

import Support
import Testing

@testable import Governance

@Suite(.needsServer) struct PolicyAttackTests {
  @Test func noAttackTellsTheTwinsApart() async throws {
    #expect(PolicyAttacks.all.count >= 200)
    try await PolicyTwins.with { twins in
      var finished = 0
      for attack in PolicyAttacks.all {
        let first = await twins.expectAlike(attack)
        if !first.hasPrefix("refused") && !first.hasPrefix("failed") { finished += 1 }
      }
      // Not because nothing runs at all.
      #expect(finished > 60)
    }
  }

  /// Without the policy the same statements do tell: the attacks are attacks.
  @Test func withoutThePolicyTheyTell() async throws {
    try await PolicyTwins.with(Policy()) { twins in
      var telling = 0
      for attack in PolicyAttacks.all where !attack.hasPrefix("w:") {
        let first = await twins.answer(of: 0, to: attack)
        if first != (await twins.answer(of: 1, to: attack)) { telling += 1 }
      }
      #expect(telling > 80)
    }
  }

  @Test func hiddenAndAbsentAreTheSameWords() async throws {
    try await PolicyTwins.with { twins in
      for (hidden, absent) in [
        ("SELECT * FROM hr.salaries", "SELECT * FROM hr.salarie1"),
        (
          "SELECT amount FROM hr.salaries JOIN products USING (id)",
          "SELECT amount FROM hr.salarie1 JOIN products USING (id)"
        ),
        ("SELECT NULL::hr.salaries", "SELECT NULL::hr.salarie1"),
        ("SELECT hr.salaries('x')", "SELECT hr.salarie1('x')"),
        ("SELECT ssn FROM customers", "SELECT snn FROM customers"),
        ("SELECT c.ssn FROM customers c", "SELECT c.snn FROM customers c"),
        ("SELECT id FROM customers WHERE ssn = 'x'", "SELECT id FROM customers WHERE snn = 'x'"),
        ("SELECT mail(1), pg_get_viewdef(1)", "SELECT liam(1), pg_get_viewdef(1)"),
      ] {
        func plain(_ text: String) -> String {
          text.split(separator: " ").map {
            ["hr.salarie1": "hr.salaries", "\"snn\"": "\"ssn\"", "c.snn": "c.ssn"][$0] ?? $0
          }
          .joined(separator: " ")
        }
        let words = await (twins.answer(of: 0, to: hidden), twins.answer(of: 0, to: absent))
        if hidden.contains("mail") {
          #expect(words.0.hasPrefix("refused") && words.1.hasPrefix("refused"))
        } else {
          #expect(plain(words.0) == plain(words.1))
        }
      }
    }
  }

  @Test func whatMayBeSeenIsRight() async throws {
    try await PolicyTwins.with { twins in
      for (text, cells) in [
        (
          "SELECT email, phone, born, balance, ip, token, score, nick FROM customers WHERE id = 3",
          "[[Optional(\"a***@example.com\"), Optional(\"***0003\"), Optional(\"1980-01-01\"), Optional(\"1000\"), "
            + "Optional(\"10.0.1.0/24\"), nil, nil, Optional(\"a\")]]"
        ),
        (
          "SELECT count(*), sum(total), max(id) FROM orders",
          "[[Optional(\"30\"), Optional(\"9300.00\"), Optional(\"60\")]]"
        ),
        (
          "SELECT c.name, o.total FROM app.customers AS c JOIN orders AS o ON o.customer_id = c.id WHERE o.id = 30",
          "[[Optional(\"Name 1\"), Optional(\"300.00\")]]"
        ),
        (
          "SELECT region, count(*) FROM customers GROUP BY region ORDER BY 1",
          "[[Optional(\"eu\"), Optional(\"10\")], [Optional(\"us\"), Optional(\"20\")]]"
        ),
        (
          "SELECT c.name, count(*) FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id = 1 GROUP BY c.id",
          "[[Optional(\"Name 1\"), Optional(\"2\")]]"
        ),
        ("SELECT name FROM product_view WHERE id = 2", "[[Optional(\"P2\")]]"),
        ("SELECT twice(21)", "[[Optional(\"42\")]]"),
        ("SELECT id FROM customers WHERE id = $1", "[[Optional(\"4\")]]"),
      ] {
        let answer = await twins.answer(of: 0, to: text, text.contains("$1") ? ["4"] : [])
        #expect(answer.contains(cells), "\(text): \(answer)")
      }
    }
  }
}
