// What the login of a session may do, as the catalog tells it: the evidence that a posture is judged by.

/// What a login is, what it may become, and what it may touch beyond reading.
package struct LoginFacts: Sendable, Equatable {
  /// The login itself and where it arrived.
  package struct Login: Sendable, Equatable, Decodable {
    package var versionNumber: Int
    package var database: String
    /// current_user.
    package var role: String
    /// session_user: `SET ROLE` leads back to it.
    package var sessionRole: String
    package var isSuperuser: Bool
    package var mayCreateRoles: Bool
    package var mayCreateDatabases: Bool
    package var mayReplicate: Bool
    package var bypassesRowSecurity: Bool
    package var ownsDatabase: Bool
    /// CREATE and TEMPORARY on the database.
    package var databasePrivileges: [String]
    /// Those that PUBLIC has.
    package var publicDatabasePrivileges: [String]
    /// nil: it could not be told, for instance behind a pooler.
    package var usesTLS: Bool?
    /// Over a Unix socket.
    package var isLocal: Bool
    /// Tables with row policies.
    package var policyTables: Int
    /// A replica that replays WAL.
    package var isInRecovery = false
    /// VOLATILE functions of users that PUBLIC may execute.
    package var publicVolatileFunctions = 0
  }

  /// A role whose rights the login has, or gets by `SET ROLE`.
  package struct ReachableRole: Sendable, Equatable, Decodable {
    package var name: String
    /// Its privileges are inherited; else they come with `SET ROLE`.
    package var isInherited: Bool
    package var isSuperuser: Bool
    package var mayCreateRoles: Bool
    package var mayReplicate: Bool
    package var bypassesRowSecurity: Bool
  }

  /// A setting as it is in a new session of this login.
  package struct Setting: Sendable, Equatable, Decodable {
    package var name: String
    package var value: String
  }

  /// What `ALTER ROLE … SET` or `ALTER DATABASE … SET` makes of a setting for this login.
  package struct StoredSetting: Sendable, Equatable, Decodable {
    package enum Scope: String, Sendable, Decodable { case everybody, database, role, roleInDatabase }

    package var scope: Scope
    package var name: String
    /// Empty for settings that are not PostgreSQL's own: applications keep secrets there.
    package var value: String

    package init(_ scope: Scope, _ name: String, _ value: String) {
      self.scope = scope
      self.name = name
      self.value = value
    }
  }

  /// An installed extension that reaches beyond the tables of the database: to files, other servers, pages, programs.
  package struct Extension: Sendable, Equatable, Decodable {
    package var name: String
    package var schema: String
    package var version: String

    package init(_ name: String, schema: String, version: String) {
      self.name = name
      self.schema = schema
      self.version = version
    }
  }

  /// Something in the database that the login may do more with than read.
  package struct Object: Sendable, Equatable, Decodable {
    package enum Kind: String, Sendable, CaseIterable, Decodable {
      /// Every schema with relations, and those where objects can be made.
      case schema
      /// A table, view or sequence that can be written, or is owned.
      case relation
      case foreignTable
      /// SECURITY DEFINER, of another owner.
      case definer
      /// In an untrusted language, or C code that belongs to no extension.
      case untrusted
      /// Of dblink: opens connections.
      case network
      /// PostgreSQL keeps it from PUBLIC, and it was granted.
      case granted
      /// Makes large objects.
      case largeObject
      case language
      case server
      case database
    }

    package var kind: Kind
    /// As SQL writes it, quoted and qualified, functions with their argument types.
    package var name: String
    package var isOwned: Bool
    package var privileges: [String]
    /// PUBLIC has at least one of them.
    package var isPublic: Bool
    /// The owner of a function; what kind of relation, as the word behind `ON` in REVOKE.
    package var detail: String
    /// How many of this kind there are; no more than `LoginFacts.limit` are listed.
    package var total: Int

    package init(
      _ kind: Kind, _ name: String, isOwned: Bool = false, privileges: [String] = [], isPublic: Bool = false,
      detail: String = "", total: Int = 1
    ) {
      self.kind = kind
      self.name = name
      self.isOwned = isOwned
      self.privileges = privileges
      self.isPublic = isPublic
      self.detail = detail
      self.total = total
    }
  }

  /// A question that the server did not answer.
  package struct Unseen: Sendable, Equatable {
    package var topic: String
    /// PostgreSQL's own reason, or ours.
    package var reason: String

    package init(topic: String, reason: String) {
      self.topic = topic
      self.reason = reason
    }
  }

  /// The most objects of one kind that are listed.
  package static let limit = 500

  package var login: Login
  package var roles: [ReachableRole] = []
  package var settings: [Setting] = []
  package var storedSettings: [StoredSetting] = []
  package var extensions: [Extension] = []
  package var objects: [Object] = []
  package var unseen: [Unseen] = []

  package init(login: Login) { self.login = login }

  package func objects(_ kind: Object.Kind) -> [Object] { objects.filter { $0.kind == kind } }

  package func setting(_ name: String) -> String? { settings.first { $0.name == name }?.value }
}

extension Session {
  /// Everything about this session's login, in one read-only transaction and one round trip of questions. One that is
  /// refused is listed as unseen.
  /// - Throws: `.connectionLost` and the like, or when even the login itself cannot be read.
  package func loginFacts() async throws(DatabaseError) -> LoginFacts {
    do {
      return try await readOnly(ReadOnlyLimits()) { (session) throws(DatabaseError) in
        try await session.readLoginFacts()
      }
    } catch let error as DatabaseError {
      throw error
    } catch {
      throw DatabaseError(code: .protocolViolation, message: "the login could not be examined")
    }
  }

  private func readLoginFacts() async throws(DatabaseError) -> LoginFacts {
    let questions = [
      LoginQuestions.login, LoginQuestions.settings, LoginQuestions.databases, LoginQuestions.schemas,
      LoginQuestions.roles, LoginQuestions.relations, LoginQuestions.functions, LoginQuestions.languages,
      LoginQuestions.servers, LoginQuestions.storedSettings, LoginQuestions.extensions,
    ]
    let answers = try await askEach(questions.map { .statement($0, []) })
    guard var login = try answers[0].get().decoded(as: LoginFacts.Login.self).first else {
      throw DatabaseError(code: .protocolViolation, message: "the server told nothing about the login")
    }
    if server.isPooled { login.usesTLS = nil }
    var facts = LoginFacts(login: login)
    facts.settings = try decoded("settings", answers[1], &facts.unseen)
    for (topic, position) in [("databases", 2), ("schemas", 3)] {
      facts.objects += try decoded(topic, answers[position], &facts.unseen)
    }
    facts.roles = try decoded("roles", answers[4], &facts.unseen)
    for (topic, position) in [("tables", 5), ("functions", 6), ("languages", 7), ("foreign servers", 8)] {
      facts.objects += try decoded(topic, answers[position], &facts.unseen)
    }
    facts.storedSettings = try decoded("stored settings", answers[9], &facts.unseen)
    facts.extensions = try decoded("extensions", answers[10], &facts.unseen)
    return facts
  }

  /// One topic; refused, it goes to `unseen`.
  private func decoded<Row: Decodable>(
    _ topic: String, _ answer: Result<StepRows, DatabaseError>, _ unseen: inout [LoginFacts.Unseen]
  ) throws(DatabaseError) -> [Row] {
    do throws(DatabaseError) {
      return try answer.get().decoded(as: Row.self)
    } catch {
      switch error.code {
      case .insufficientPrivilege, .statementTimeout, .lockTimeout, .server:
        unseen.append(LoginFacts.Unseen(topic: topic, reason: error.message))
        return []
      default: throw error
      }
    }
  }
}
