// Where the meaning of names comes from: a live catalog, or what is built in.

package import Database

/// Answers what names mean. The gate asks in few, large questions.
package protocol NameSource: Sendable {
  /// Whether everything there is can be looked up: false without a server.
  var isComplete: Bool { get }
  func surroundings() async throws(GateFailure) -> NameSurroundings
  func lookUp(_ question: NameQuestion) async throws(GateFailure) -> NameAnswer
}

/// Why a text could not be judged at all.
package struct GateFailure: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// The catalog could not be asked.
    case catalog
    /// Names lead to ever more names.
    case tooManyQuestions
    /// An admission was refused.
    case refused
  }

  package var code: Code
  package var message: String
  package var advice: String?

  package init(_ code: Code, _ message: String, advice: String? = nil) {
    self.code = code
    self.message = message
    self.advice = advice
  }

  package var description: String { advice.map { "\(message). \($0)" } ?? message }
}

/// The catalog that a session sees.
package struct LiveNames: NameSource {
  private let session: Session

  package init(on session: Session) { self.session = session }

  package var isComplete: Bool { true }

  package func surroundings() async throws(GateFailure) -> NameSurroundings {
    do throws(DatabaseError) {
      return try await session.surroundings()
    } catch {
      throw GateFailure(.catalog, "the catalog cannot be read: \(error.message)", advice: error.advice)
    }
  }

  package func lookUp(_ question: NameQuestion) async throws(GateFailure) -> NameAnswer {
    do throws(DatabaseError) {
      return try await session.lookUp(question)
    } catch {
      throw GateFailure(.catalog, "the catalog cannot be read: \(error.message)", advice: error.advice)
    }
  }
}
