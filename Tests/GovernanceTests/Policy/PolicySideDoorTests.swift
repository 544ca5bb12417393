// The doors beside the one that a policy guards stay shut, and what looks like them goes through.

import Support
import Testing

@testable import Governance

@Suite(.needsServer) struct PolicySideDoorTests {
  @Test func noSideDoorTellsTheTwinsApart() async throws {
    try await PolicyTwins.with(PolicySideDoors.policy, adding: PolicySideDoors.rows) { twins in
      for attack in PolicySideDoors.all {
        let first = await twins.expectAlike(attack)
        #expect(!first.contains("salaries") || attack.contains("salaries"), "\(attack): \(first)")
      }
      for (hidden, absent) in PolicySideDoors.hiddenNames {
        let answers = await [twins.answer(of: 0, to: hidden), twins.answer(of: 0, to: absent)]
        #expect(answers[0] == answers[1].replaced("hx", by: "hr"), "\(hidden)")
      }
      for (text, cells) in PolicySideDoors.right {
        let answer = await twins.answer(of: 0, to: text)
        #expect(answer.contains("[[Optional(\"\(cells)\")"), "\(text): \(answer)")
      }
    }
  }

  /// Without the policy the same statements do tell.
  @Test func withoutThePolicyTheyTell() async throws {
    try await PolicyTwins.with(Policy(), adding: PolicySideDoors.rows) { twins in
      var telling = 0
      for attack in PolicySideDoors.all where !attack.hasPrefix("w:") {
        let first = await twins.answer(of: 0, to: attack)
        if first != (await twins.answer(of: 1, to: attack)) { telling += 1 }
      }
      #expect(telling > 20)
    }
  }
}

extension String {
  fileprivate func replaced(_ part: String, by other: String) -> String {
    split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
  }
}
