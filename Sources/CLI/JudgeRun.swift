// Judges what is read and writes the verdicts: a whole text, or one line after the other.

import Governance
import JSON
import Terminal

/// What a run puts out.
enum JudgeFormat: String, CaseIterable {
  /// The whole input is one text: drawn, or as one JSON object.
  case text, json
  /// A line of JSON for each line of input.
  case jsonl
}

/// How verdicts are put out.
struct JudgeOutput {
  let format: JudgeFormat
  let style: Style
}

/// One run of `judge`, with the meaning of names settled.
struct JudgeRun {
  var gate: Gate
  let input: JudgeInput
  let output: JudgeOutput
  var limits = JudgeLimits()

  /// The rule of what could not even be read as a question.
  static let badInput = "bad-input"
  /// The rule of what could not be judged: names that lead to ever more names.
  static let notJudged = "not-judged"

  private static let form = "Write one object a line: {\"id\": 1, \"sql\": \"SELECT 1\"}."

  /// - Returns: success when nothing is rejected.
  mutating func run() async throws(Refusal) -> ExitCode {
    output.format == .jsonl ? try await judgeLines() : try await judgeText()
  }

  // MARK: - One text

  private mutating func judgeText() async throws(Refusal) -> ExitCode {
    let bytes = try input.text(limit: limits.textBytes)
    let text = String(decoding: bytes, as: UTF8.self)
    let verdict =
      String(validating: bytes, as: UTF8.self) == nil
      ? Verdict(
        rejecting: Self.badInput, because: "the text is not UTF-8", wayOut: "Convert it, for instance with iconv.")
      : try await judged(text)
    let answer =
      output.format == .json
      ? JSONValue.object(JudgeAnswer(verdict, about: text).members).text(pretty: true) + "\n"
      : JudgeDrawing(of: verdict, about: text, style: output.style).drawn()
    return Output().deliver(answer, verdict.isRejected ? .findings : .success)
  }

  private mutating func judged(_ text: String) async throws(Refusal) -> Verdict {
    do throws(GateFailure) {
      return try await gate.judge(text)
    } catch {
      guard error.code != .catalog else { throw Refusal(message: error.description, exitCode: .failure) }
      return Verdict(rejecting: Self.notJudged, because: error.message, wayOut: error.advice)
    }
  }

  // MARK: - Lines

  private mutating func judgeLines() async throws(Refusal) -> ExitCode {
    var answers: [UInt8] = []
    var code = ExitCode.success
    while let line = try input.nextLine() {
      let request = JudgeRequestLine(line, limits: limits)
      let answer: JudgeAnswer
      if let sql = request.sql {
        do throws(Refusal) {
          answer = JudgeAnswer(try await judged(sql), about: sql)
        } catch {
          // What is judged already is not lost.
          _ = try deliver(&answers)
          throw error
        }
      } else {
        answer = JudgeAnswer(
          Verdict(rejecting: Self.badInput, because: request.complaint, wayOut: Self.form), about: "")
      }
      if answer.isRejected { code = .findings }
      answers += answer.line(id: request.id)
      guard answers.count >= limits.answerBytes || !input.holdsLine() else { continue }
      // A reader that has left wants no more.
      guard try deliver(&answers) else { return code }
    }
    _ = try deliver(&answers)
    return code
  }

  /// False: nobody reads.
  private func deliver(_ answers: inout [UInt8]) throws(Refusal) -> Bool {
    if answers.isEmpty { return true }
    defer { answers.removeAll(keepingCapacity: true) }
    switch StandardStreams.writeOut(String(decoding: answers, as: UTF8.self)) {
    case .complete: return true
    case .readerIsGone: return false
    case .failed(let reason): throw Refusal(message: "cannot write the answer: \(reason)", exitCode: .failure)
    }
  }
}
