// How much may be spent, and whether one more picture fits.

package struct Budget: Sendable {
  package enum Scope: Sendable {
    /// What this client asked for since it was opened.
    case client
    /// All of an account in a journal, today in UTC.
    case day
    /// All of an account that its journal ever saw.
    case journal
  }

  package let maxMillicredits: Int64
  package let scope: Scope
  /// A hard budget refuses what does not fit, a soft one warns.
  package let isHard: Bool
  /// Prices to count with for models whose price is not known.
  package let assumed: [(model: String, millicredits: Int64)]

  package init(
    maxMillicredits: Int64, scope: Scope, isHard: Bool, assumed: [(model: String, millicredits: Int64)]
  ) {
    self.maxMillicredits = maxMillicredits
    self.scope = scope
    self.isHard = isHard
    self.assumed = assumed
  }

  /// What to hold for a request, nil where nobody knows its price.
  package func amount(_ price: Price, model: String) -> Int64? {
    if let known = price.millicredits { return known }
    for entry in assumed where entry.model.equals(model) { return entry.millicredits }
    return nil
  }

  /// nil where `amount` fits beside what is held and spent already.
  package func refusal(of amount: Int64, beside taken: Funds) -> Failure? {
    let all = taken.held.addingSaturated(taken.spent)
    guard all.addingSaturated(amount) > maxMillicredits else { return nil }
    return Failure(
      .budget, at: "/budget",
      """
      the request costs \(amount) millicredits; of the budget's \(maxMillicredits), \(taken.spent) are spent and \
      \(taken.held) held; nothing was sent
      """)
  }

  package func refusalOfUnknownPrice(model: String) -> Failure {
    Failure(
      .budget, at: "/budget/assume",
      """
      the price of \(model) is not known, so it cannot be kept within a budget; give one in budget.assume; nothing was \
      sent
      """)
  }
}

/// Millicredits that count against a budget.
package struct Funds: Equatable, Sendable {
  /// Of tasks whose cost is not known yet.
  package var held: Int64
  package var spent: Int64

  package init(held: Int64 = 0, spent: Int64 = 0) {
    self.held = held
    self.spent = spent
  }

  /// A task moved from one standing to another; nil stands for a task that is new.
  package mutating func move(from old: Standing?, to new: Standing) {
    held = held.addingSaturated(new.held - (old?.held ?? 0))
    spent = spent.addingSaturated(new.charged - (old?.charged ?? 0))
  }
}
