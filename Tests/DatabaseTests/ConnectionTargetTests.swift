// What is said of a target before anybody connects, and that it is never a password.

import Database
import Support
import Testing

@Suite struct ConnectionTargetTests {
  @Test(arguments: [
    ("postgresql://alice:hunter2@db.example:6432/shop", "alice@db.example:6432/shop"),
    ("postgres://alice:hunter2@db.example/shop?sslmode=require", "alice@db.example/shop"),
    ("host=db.example user=alice password=hunter2 dbname=shop port=5432", "alice@db.example/shop"),
    ("postgresql://alice@[::1]:5433/shop", "alice@[::1]:5433/shop"),
    ("postgresql://alice:hunter2@/shop?host=/run/pg", "alice@/run/pg/shop"),
    ("service=shop password=hunter2", "service shop"),
  ])
  func namesThePlaceWithoutThePassword(url: String, name: String) {
    #expect(ConnectionTarget(url: url).displayName == name)
    #expect("\(ConnectionTarget(url: url))" == name)
  }

  @Test(arguments: [
    "postgresql://alice:hunter2@ss@db.example/shop", "postgresql://alice:hunter2/@db.example/shop",
    "postgresql://alice:hunter2%@db.example/shop", "postgresql://alice:hunter2@db.example:port/shop",
    "postgresql://alice:hunter2@db.example/shop?passwort=hunter2", "mysql://alice:hunter2@db.example/shop",
    "postgresql+asyncpg://alice:hunter2@db.example/shop", "host=db.example password=hunter2 hunter2",
    "postgresql://alice:hunter2@[::1/shop",
    "host=db.example port=five password=hunter2", "postgresql://alice:hunter2@db.example/shop\0x",
  ])
  func aMalformedOneIsToldWithoutItsText(url: String) async {
    let target = ConnectionTarget(url: url)
    let error = await #expect(throws: DatabaseError.self) { try await Session.open(target) }
    #expect(error?.code == .invalidTarget)
    #expect(error?.advice?.isEmpty == false)
    let said = "\(error?.description ?? "") \(target.displayName)"
    #expect(!said.contains("hunter2") && !said.contains("ss@"))
  }

  @Test func aReasonIsToldWhereNothingSecretCanBeInIt() async {
    let error = await #expect(throws: DatabaseError.self) {
      try await Session.open(ConnectionTarget(url: "host=localhost nonsense=1"))
    }
    #expect(error?.message == "the connection string is malformed: invalid connection option \"nonsense\"")
  }

  @Test func aServiceThatIsNotDefinedIsNamed() async {
    let error = await #expect(throws: DatabaseError.self) {
      try await Session.open(ConnectionTarget(url: "service=no_such_service_anywhere"))
    }
    #expect(error?.code == .serviceNotFound)
    #expect(error?.message.contains("no_such_service_anywhere") == true)
  }
}
