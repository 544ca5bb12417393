// A million statements no two of which are the same, honest and hostile ones mixed.

enum VariedStatements {
  /// The statement of a number. Names and constants differ, so that nothing that remembers texts or names may grow.
  static func text(_ number: Int) -> String {
    switch number % 10 {
    case 0: "select a\(number), b from t\(number % 5_000) where c = \(number) and d like 'x\(number)%'"
    case 1: "select count(*) from orders\(number % 300) o join items\(number % 70) i using (order_id) group by o.x"
    case 2: "insert into log\(number % 40) (at, what) values (now(), 'event \(number)') returning id"
    case 3: "update accounts set balance = balance - \(number) where id = \(number) and not frozen"
    case 4: "with d as (delete from queue where id < \(number) returning *) select f\(number % 900)(d.id) from d"
    case 5: "select pg_sleep(\(number)), generate_series(1, \(number)), lower('A\(number)')"
    case 6: "create table n\(number) (id bigint primary key, v numeric(8, 2) default \(number), check (v > 0))"
    case 7: "select \"Größe \(number)\", U&'\\0041\(number)' from \"Schema\(number % 20)\".t where x ~ 'ä\(number)'"
    case 8: "this is no statement \(number)"
    default: "select 1; drop table t\(number)"
    }
  }
}
