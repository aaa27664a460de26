// Nothing beyond the budget, from any number of clients.

import Core
import Foundation
import Store
import Testing

@Suite struct JournalBudgetTests {
  let bench = Bench()

  private func fits(_ journal: SQLiteJournal, _ slot: Int, _ amount: Int64) throws -> Bool {
    let rulings = try journal.commit([accepted(handle(slot), opening(amount))])
    if let failure = rulings.failure { #expect(failure.status == .budget) }
    return rulings.isEmpty
  }

  @Test func aJournalsBudgetHoldsForAllItsClients() throws {
    let (first, second) = (try bench.open(max: 10_000), try bench.open(max: 10_000))
    #expect(try fits(first, 0, 6000))
    #expect(try !fits(second, 0, 4001))
    #expect(try fits(second, 1, 4000))
    #expect(try !fits(first, 1, 1))
    try first.write(handle(0), .submitting(attempt: 0), .submitted(token: "a", millicredits: nil))
    try first.write(handle(0), .ended(Ending(.failed, Failure(.rejected, "no"))))
    #expect(try fits(first, 1, 6000))
    // Another account has its own money.
    #expect(try fits(try bench.open(account: 2, max: 10_000), 0, 10_000))
  }

  @Test func aClientsBudgetIsItsOwn() throws {
    let (first, second) = (try bench.open(max: 10_000, .client), try bench.open(max: 10_000, .client))
    #expect(try fits(first, 0, 10_000))
    #expect(try !fits(first, 1, 1))
    #expect(try fits(second, 0, 10_000))
    #expect(second.funds == Funds(held: 10_000))
    // What it accepted counts even after it let go of it.
    try second.write(handle(0), .submitting(attempt: 0), .submitted(token: "a", millicredits: nil))
    second.release(handle(0))
    let found = try #require(try second.takeRecoverable(atMost: 1).taken.first)
    second.bind(found, to: handle(1))
    try second.write(handle(1), .ended(Ending(.failed, Failure(.rejected, "no"), spent: 300)))
    #expect(second.funds == Funds(spent: 300))
  }

  @Test func aDaysBudgetIsNewEveryDay() throws {
    let journal = try bench.open(max: 10_000, .day)
    let day: Int64 = 86_400_000
    bench.clock.now = 20_000 * day + day - 1
    #expect(try fits(journal, 0, 10_000))
    #expect(try !fits(journal, 1, 1))
    bench.clock.now += 1
    #expect(journal.funds == Funds())
    #expect(try fits(journal, 1, 9999))
    // A task belongs to the day it was made on.
    try journal.write(handle(0), .submitting(attempt: 0), .submitted(token: "a", millicredits: 12_000))
    #expect(journal.funds == Funds(held: 9999))
    #expect(
      try bench.sql("SELECT day, held, spent FROM purse ORDER BY day") == [
        ["20000", "12000", "0"], ["20001", "9999", "0"],
      ])
  }

  @Test func aSoftBudgetWarnsAndRefusesNothing() throws {
    let journal = try bench.open(max: 6000, isHard: false)
    #expect(journal.hold(5000) == nil)
    // What only warned is on its way too.
    #expect(journal.hold(5000)?.status == .budget)
    #expect(journal.hold(0) != nil)
    #expect(try fits(journal, 0, 5000))
    #expect(!journal.isOver)
    #expect(try fits(journal, 1, 5000))
    #expect(journal.isOver)
  }

  @Test func aBudgetNeedsNoFile() throws {
    let budget = Budget(maxMillicredits: 10_000, scope: .client, isHard: true, assumed: [])
    let clock = bench.clock
    let journal = try SQLiteJournal(path: nil, account: 1, budget: budget) { clock.now }
    #expect(try fits(journal, 0, 10_000))
    #expect(try !fits(journal, 1, 1))
    try journal.write(handle(0), .ended(Ending(.cancelled, nil)))
    journal.release(handle(0))
    #expect(try fits(journal, 0, 10_000))
    #expect(try journal.countRecoverable() == 0)
    journal.close()
    #expect(bench.scratch.names == [])
  }

  @Test func aHigherEstimateOfTheServiceCounts() throws {
    let journal = try bench.open(max: 10_000)
    #expect(try fits(journal, 0, 6000))
    #expect(!journal.isOver)
    try journal.write(handle(0), .submitting(attempt: 0), .submitted(token: "a", millicredits: 11_000))
    #expect(journal.isOver)
    #expect(journal.hold(0)?.status == .budget)
    try journal.write(
      handle(0), .fetched(output: 0, picture), .ended(Ending(.succeeded, nil, outputs: 1, spent: 4000)))
    #expect(journal.funds == Funds(spent: 4000))
    #expect(!journal.isOver)
  }

  @Test func whatIsOnItsWayCountsUntilItIsWrittenOrForgotten() throws {
    let journal = try bench.open(max: 10_000)
    #expect(journal.hold(6000) == nil)
    #expect(journal.hold(6000)?.status == .budget)
    journal.forget(amount: 6000)
    #expect(journal.hold(6000) == nil)
    #expect(try fits(journal, 0, 6000))
    #expect(journal.funds == Funds(held: 6000))
    #expect(journal.hold(4001) != nil)
    #expect(journal.hold(4000) == nil)
  }

  @Test func oneTurnStaysWithinTheBudget() throws {
    for scope in [Budget.Scope.journal, .day, .client] {
      let bench = Bench()
      let journal = try bench.open(max: 10_000, scope)
      let rulings = try journal.commit((0..<5).map { accepted(handle($0), opening(3000)) })
      #expect(rulings.map(\.task) == [handle(3), handle(4)])
      #expect(journal.funds == Funds(held: 9000))
    }
  }

  @Test func numbersThatCannotBeAreHeldWithin64Bits() throws {
    let journal = try bench.open(max: .max)
    #expect(try fits(journal, 0, .max))
    _ = try journal.commit([accepted(handle(1), opening(.max))])
    #expect(journal.funds.held == .max)
    #expect(journal.hold(.max) == nil)
  }

  /// Every sum on disk is that of the tasks on disk.
  @Test func thePurseIsTheSumOfItsTasks() throws {
    var random = Random(seed: 7)
    let journals = [try bench.open(), try bench.open()]
    for round in 0..<300 {
      let journal = journals[Int(random.below(2))]
      let task = handle(Int(random.below(20)))
      bench.clock.now += Int64(random.below(40_000_000))
      let facts: [Fact] = [
        .submitting(attempt: 0), .ambiguous,
        .submitted(token: "t\(round)", millicredits: Int64(random.below(9000))),
        .settled(token: nil), .settled(token: "s\(round)"), .ended(Ending(.ambiguous, nil)), .ended(success),
        .ended(Ending(.failed, Failure(.rejected, "no"))), .handedOut(output: 0), .unsent,
      ]
      switch random.below(12) {
      case 0: journal.release(task)
      case 1:
        for found in try journal.takeRecoverable(atMost: 2).taken {
          journal.bind(found, to: handle(Int(random.below(20))))
        }
      case 2...4:
        journal.release(task)
        _ = try journal.commit([
          accepted(task, opening(Int64(random.below(9000)), key: "k\(random.below(30))"))
        ])
      default: _ = try journal.commit([Entry(task, facts[Int(random.below(UInt64(facts.count)))])])
      }
    }
    let held = try bench.sql(
      "SELECT created / 86400000, SUM(held) FROM history GROUP BY 1 HAVING SUM(held) <> 0")
    #expect(try bench.sql("SELECT day, held FROM purse WHERE held <> 0 ORDER BY day") == held)
    #expect(held.count > 5)
    for journal in journals { journal.close() }
    #expect(try bench.open().takeRecoverable(atMost: 1000).taken.count > 5)
  }
}
