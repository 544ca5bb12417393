// Passwords that are kept apart from the URL, and services.

import Database
import Support
import Testing

@Suite struct PasswordTargetTests {
  @Test func keywordsAreNamedAndValuesAreNot() throws {
    #expect(
      try ConnectionTarget(url: "postgresql://u:geheim@h:1/d").keywords() == [
        "user", "password", "host", "port", "dbname",
      ])
    #expect(try ConnectionTarget(url: "host=h user=u").keywords() == ["host", "user"])
    #expect(try ConnectionTarget(service: "it's a \\ name").keywords() == ["service"])
    #expect(try ConnectionTarget(url: nil).keywords() == [])
    let error = #expect(throws: DatabaseError.self) {
      try ConnectionTarget(url: "postgresql://u:ge@heim@h/d").keywords()
    }
    #expect(error?.description.contains("heim") == false)
  }

  @Test func aPasswordIsPartOfWhatATargetIsAndOfNothingThatIsShown() {
    let target = ConnectionTarget(url: "postgresql://u@h/d", password: "geheim")
    #expect(
      target != ConnectionTarget(url: "postgresql://u@h/d")
        && target == ConnectionTarget(url: "postgresql://u@h/d", password: "geheim"))
    #expect(!"\(target)".contains("geheim"))
    #expect(ConnectionTarget(service: "shop", password: "geheim").displayName == "service shop")
  }
}
