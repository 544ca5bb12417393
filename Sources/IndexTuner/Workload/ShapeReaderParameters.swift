// What each `$n` stands for: the column it is compared with or written to.

import Database
import SQLSyntax

extension Reading {
  /// The first thing known of a parameter stays, except that a role beats none.
  func describe(_ number: Int, as role: ParameterUse.Role, of base: BaseColumn? = nil) {
    let use = ParameterUse(role: role, table: base?.table, column: base?.column)
    guard let known = parameters[number] else {
      parameters[number] = use
      return
    }
    let isVague = known.role == .other
    if isVague && (role != .other || known.column == nil) { parameters[number] = use }
  }

  /// The parameters in `value`, seen as values of the column that `other` is. Nothing where it is no column.
  func describe(_ value: BoundValue, beside other: BoundValue, as role: ParameterUse.Role, list: Int? = nil) {
    guard other.isColumn, let base = other.meaning.sources.first?.base else { return }
    describe(value, as: role, of: base, list: list)
  }

  func describe(_ value: BoundValue, as role: ParameterUse.Role, of base: BaseColumn, list: Int? = nil) {
    switch value.form {
    case .parameter(let number):
      describe(number, as: role, of: base)
      if let list, role == .lowerBound || role == .upperBound {
        bounds.append(ParameterBound(list: list, base: base, isLower: role == .lowerBound, number: number))
      }
    case .list(let parts), .row(let parts):
      for part in parts { describe(part, as: role, of: base, list: list) }
    default: break
    }
    for handed in value.meaning.parameters {
      let isEquality = role == .equality || role == .anyArray
      describe(handed.number, as: handed.isArray && isEquality ? .anyArray : role, of: base)
    }
  }

  /// Pairs a lower and an upper bound of the same column in the same AND list, nearest first.
  func pairBounds() {
    for (position, bound) in bounds.enumerated() where partner(of: bound.number) == nil {
      let other = bounds[(position + 1)...].first { later in
        later.list == bound.list && later.base == bound.base && later.isLower != bound.isLower
          && later.number != bound.number && partner(of: later.number) == nil
      }
      guard let other else { continue }
      parameters[bound.number]?.partner = other.number
      parameters[other.number]?.partner = bound.number
    }
  }

  private func partner(of number: Int) -> Int? { parameters[number]?.partner }
}
