// `pgadvisor health --watch`: the same look at a server again and again, in place.

import Advisor
import Database
import HealthChecks
import IndexTuner
import Terminal

/// Looks until it is told to stop, and survives a server that goes away and comes back.
struct HealthWatch {
  let target: ConnectionTarget
  let interval: Duration
  /// How many looks; nil: until Ctrl-C.
  let frames: Int?
  let style: Style
  let context: Context

  /// Without a terminal, or on one that cannot move its cursor, frames follow each other as plain text.
  private var isDrawn: Bool { StandardStreams.isTerminal(1) && context.environment["TERM"] != "dumb" }

  func run() async -> ExitCode {
    var session: Session
    // What keeps us out from the beginning is an error; later on it is part of the incident.
    do throws(DatabaseError) { session = try await Session.open(target) } catch { return context.report(error) }
    if isDrawn { context.screen.enter() }
    defer { context.screen.leave() }
    var count = 0
    var code = ExitCode.success
    while true {
      let next = ContinuousClock.now + interval
      do {
        let incident = try await Incident.read(on: session)
        code = show(incident, session.server)
      } catch let error as DatabaseError {
        if Task.isCancelled { break }
        code = show([style.red(elided(escaped("no answer: \(error.message)"), to: width)), "trying again"])
        await session.close()
        if let opened = try? await Session.open(target, timeout: .seconds(3)) { session = opened }
      } catch {
        break
      }
      count += 1
      if code != .success || count == frames || Task.isCancelled { break }
      try? await Task.sleep(until: next)
      if Task.isCancelled { break }
    }
    await session.close()
    if Task.isCancelled || context.stop.isRaised { return .interrupted }
    return code == .interrupted ? .success : code
  }

  private var width: Int { StandardStreams.width(of: 1) ?? 120 }

  private func show(_ incident: Incident, _ server: ServerInfo) -> ExitCode {
    let height = isDrawn ? StandardStreams.height(of: 1).map { max(4, $0 - 1) } : nil
    let text = IncidentText(server: server, width: width, height: height, style: style)
    return show(text.lines(incident))
  }

  /// - Returns: `.interrupted` where the reader has left.
  private func show(_ lines: [String]) -> ExitCode {
    let text = isDrawn ? AlternateScreen.frame(lines) : lines.joined(separator: "\n") + "\n\n"
    switch StandardStreams.writeOut(text) {
    case .complete: return .success
    case .readerIsGone: return .interrupted
    case .failed(let reason):
      StandardStreams.writeError("pgadvisor: cannot write: \(reason)\n")
      return .failure
    }
  }
}
