// The same key again is the same task, and a task has one driver.

import Core
import Foundation
import Store
import Testing

@Suite struct JournalDedupeTests {
  let bench = Bench()

  @Test func anotherRequestUnderTheSameKeyIsRefused() throws {
    let journal = try bench.open()
    try journal.accept(handle(0), opening(key: "k"))
    let failure = try #require(
      try journal.commit([accepted(handle(1), opening(key: "k", digest: "e"))]).failure)
    #expect(failure.status == .exists)
    #expect(failure.location == "opts.dedupe_key")
    #expect(try bench.sql("SELECT COUNT(*) FROM task") == [["1"]])
  }

  @Test func twoOfAKeyInOneTurnAreOne() throws {
    let journal = try bench.open()
    let rulings = try journal.commit([
      accepted(handle(0), opening(key: "k")), accepted(handle(1), opening(key: "k")),
      Entry(handle(0), .submitting(attempt: 0)), Entry(handle(1), .submitting(attempt: 0)),
    ])
    #expect(rulings.map(\.task) == [handle(1)])
    #expect(rulings.failure?.status == .busy)
    #expect(try bench.sql("SELECT task, kind FROM fact") == [["1", "1"], ["1", "3"]])
  }

  @Test func aFinishedTaskIsKnownByItsKeyForEver() throws {
    do {
      let journal = try bench.open()
      try journal.accept(handle(0), opening(key: "k"))
      try journal.write(
        handle(0), .submitting(attempt: 0), .submitted(token: "runway:1", millicredits: nil),
        .fetched(output: 0, picture), .ended(success))
    }
    let journal = try bench.open()
    for slot in 0..<2 {
      let found = try #require(try journal.commit([accepted(handle(slot), opening(key: "k"))]).known)
      #expect(found.row == 1)
      #expect(found.standing.ending == success)
      #expect(found.standing.pictures == [picture])
    }
    // Nobody owns it, and nothing more is written of it.
    try journal.write(handle(0), .handedOut(output: 0))
    #expect(try bench.sql("SELECT COUNT(*) FROM fact") == [["5"]])
    #expect(journal.facts(of: handle(1)).count == 5)
  }

  @Test func anUnfinishedTaskWhoseOwnerIsGoneIsTakenByItsKey() throws {
    do {
      let journal = try bench.open()
      try journal.accept(handle(0), opening(key: "k"))
      try journal.write(handle(0), .submitting(attempt: 0), .submitted(token: "runway:1", millicredits: nil))
    }
    let journal = try bench.open()
    let rulings = try journal.commit([
      accepted(handle(3), opening(key: "k")), Entry(handle(3), .submitting(attempt: 0)),
    ])
    #expect(rulings.known?.standing.stage == .remote)
    // What the turn would have done with a new task is not done.
    #expect(journal.facts(of: handle(3)).count == 3)
    try journal.write(handle(3), .fetched(output: 0, picture))
    #expect(journal.facts(of: handle(3)).count == 4)
  }

  @Test func aTaskWhoseKeyWasJustSubmittedIsLeftToThatSubmit() throws {
    do {
      let journal = try bench.open()
      try journal.accept(handle(0), opening(key: "k"))
      try journal.accept(handle(1), opening(key: "other"))
      try journal.write(handle(0), .submitting(attempt: 0), .submitted(token: "runway:1", millicredits: nil))
    }
    let journal = try bench.open()
    journal.expect("k", digest: "d", handle(2))
    // Had it another request, the submit would be refused, and could not have it.
    journal.expect("other", digest: "e", handle(3))
    let taken = try journal.takeRecoverable(atMost: 5).taken
    #expect(taken.map { $0.opening.dedupeKey } == ["other"])
    guard case .busy = try journal.take(token: "runway:1") else {
      return #expect(Bool(false), "a second handle of the task was given")
    }
    #expect(try journal.commit([accepted(handle(2), opening(key: "k"))]).known?.row == 1)
  }

  @Test func aLivingOwnerKeepsItsTask() throws {
    let (first, second) = (try bench.open(), try bench.open())
    try first.accept(handle(0), opening(key: "k"))
    try first.write(handle(0), .submitting(attempt: 0), .submitted(token: "runway:1", millicredits: nil))
    #expect(try second.commit([accepted(handle(0), opening(key: "k"))]).failure?.status == .busy)
    #expect(try second.countRecoverable() == 0)
    #expect(try second.takeRecoverable(atMost: 5).taken.isEmpty)
    guard case .busy = try second.take(token: "runway:1") else { return #expect(Bool(false), "it was taken") }
    guard case .busy = try first.take(token: "runway:1") else { return #expect(Bool(false), "it was taken") }
    guard case .unknown = try first.take(token: "runway:2") else {
      return #expect(Bool(false), "it is known")
    }

    first.close()
    guard case .found(let found) = try second.take(token: "runway:1") else {
      return #expect(Bool(false), "it is not found")
    }
    second.bind(found, to: handle(0))
    try second.write(handle(0), .ended(Ending(.cancelled, nil)))
  }

  @Test func whoLostATaskWritesNothingOfIt() throws {
    let (first, second) = (try bench.open(), try bench.open())
    try first.accept(handle(0), opening(key: "k"))
    try first.write(handle(0), .submitting(attempt: 0), .ambiguous)
    // Ambiguous, it is whose key it is.
    #expect(try second.commit([accepted(handle(7), opening(key: "k"))]).known?.standing.stage == .ambiguous)
    let rulings = try first.commit([
      Entry(handle(0), .ended(Ending(.ambiguous, nil))), Entry(handle(0), .handedOut(output: 0)),
    ])
    #expect(rulings.failure?.status == .journal)
    #expect(second.facts(of: handle(7)).map(\.fact) == [.accepted, .submitting(attempt: 0), .ambiguous])
    // The client itself goes on.
    try first.accept(handle(1))
  }

  @Test func lateEvidenceIsWrittenWhoeverHasTheTask() throws {
    let (first, second) = (try bench.open(), try bench.open())
    try first.accept(handle(0), opening(key: "k"))
    try first.write(handle(0), .submitting(attempt: 0), .ambiguous)
    _ = try second.commit([accepted(handle(7), opening(key: "k"))])
    try first.write(handle(0), .settled(token: "runway:9"))
    #expect(second.facts(of: handle(7)).last?.fact == .settled(token: "runway:9"))
    // The one that has it now writes behind that.
    try second.write(handle(7), .cancelling, .ended(Ending(.detached, nil)))
    let third = try bench.open()
    let taken = try third.takeRecoverable(atMost: 5).taken
    #expect(taken.map(\.standing.token) == ["runway:9"])
    #expect(taken.first?.standing.isCancelling == true)
  }

  @Test func aSlotGivenAwayAgainTakesNoLateAnswerAlong() throws {
    let journal = try bench.open()
    try journal.accept(handle(0, 1))
    try journal.write(handle(0, 1), .submitting(attempt: 0))
    // Its handle was closed while the answer was on its way, and the slot is another task's.
    try journal.accept(handle(0, 2))
    try journal.accept(handle(0, 3))
    try journal.write(
      handle(0, 1), .submitted(token: "runway:1", millicredits: nil), .ended(Ending(.detached, nil)))
    try journal.write(handle(0, 2), .submitting(attempt: 0))
    for (serial, count) in [(1, 4), (2, 2), (3, 1)] {
      #expect(journal.facts(of: handle(0, UInt64(serial))).count == count)
    }
    #expect(try journal.countRecoverable() == 1)
    for serial in 1...3 { journal.release(handle(0, UInt64(serial))) }
    #expect(try journal.countRecoverable() == 3)
  }

  @Test func theHandleOfAKeyIsKnownFromItsSubmitOn() throws {
    let journal = try bench.open()
    #expect(try journal.holder(of: "k", digest: "d") == nil)
    journal.expect("k", digest: "d", handle(4))
    #expect(try journal.holder(of: "k", digest: "d") == handle(4))
    #expect { try journal.holder(of: "k", digest: "e") } throws: { ($0 as? Failure)?.status == .exists }
    try journal.accept(handle(4), opening(key: "k"))
    #expect(try journal.holder(of: "k", digest: "d") == handle(4))
    #expect { try journal.holder(of: "k", digest: "e") } throws: { ($0 as? Failure)?.status == .exists }
    try journal.write(handle(4), .ended(Ending(.failed, Failure(.rejected, "no"))))
    #expect(try journal.holder(of: "k", digest: "d") == handle(4))
    journal.release(handle(4))
    #expect(try journal.holder(of: "k", digest: "d") == nil)
  }

  @Test func keysAndTokensAreAnAccounts() throws {
    let (mine, theirs) = (try bench.open(account: 1), try bench.open(account: .max))
    try mine.accept(handle(0), opening(key: "k"))
    try mine.write(handle(0), .submitting(attempt: 0), .submitted(token: "runway:1", millicredits: nil))
    mine.close()
    try theirs.accept(handle(0), opening(key: "k", digest: "other"))
    #expect(try theirs.countRecoverable() == 0)
    guard case .unknown = try theirs.take(token: "runway:1") else { return #expect(Bool(false)) }
  }

  // MARK: Settling

  @Test func theLaterWordOnAnAmbiguousSubmitWins() throws {
    let journal = try bench.open(max: 10_000)
    try journal.accept(handle(0), opening(5000, key: "k"))
    try journal.write(handle(0), .submitting(attempt: 0), .ambiguous, .ended(Ending(.ambiguous, nil)))
    #expect(journal.funds == Funds(held: 5000))
    try journal.settle(handle(0), token: nil)
    #expect(journal.funds == Funds())
    #expect(try journal.countRecoverable() == 0)
    // The key is free again.
    try journal.accept(handle(1), opening(5000, key: "k"))

    try journal.settle(handle(0), token: "runway:1")
    #expect(journal.funds == Funds(held: 10_000))
    guard case .found(let found) = try journal.take(token: "runway:1") else { return #expect(Bool(false)) }
    #expect(found.standing.stage == .remote)
    journal.bind(found, to: handle(2))
    try journal.write(handle(2), .ended(Ending(.cancelled, nil, spent: 0)))
    #expect(journal.funds == Funds(held: 5000))
  }

  @Test func onlyAnAmbiguousTaskIsSettled() throws {
    let journal = try bench.open()
    try journal.accept(handle(0))
    for task in [handle(0), handle(1)] {
      #expect { try journal.settle(task, token: "runway:1") } throws: { ($0 as? Failure)?.status == .state }
    }
    #expect(journal.facts(of: handle(0)).count == 1)
  }

  @Test func aSettledTaskIsFoundByWhoRecovers() throws {
    let journal = try bench.open()
    try journal.accept(handle(0))
    try journal.write(handle(0), .submitting(attempt: 0), .ambiguous, .ended(Ending(.ambiguous, nil)))
    #expect(try journal.countRecoverable() == 0)
    try journal.write(handle(0), .settled(token: "runway:1"))
    #expect(try journal.countRecoverable() == 1)
    #expect(try bench.open().takeRecoverable(atMost: 1).taken.first?.standing.token == "runway:1")
  }

  @Test func whatIsReleasedIsFoundAgain() throws {
    let (journal, other) = (try bench.open(), try bench.open())
    try journal.accept(handle(0))
    try journal.write(handle(0), .submitting(attempt: 0), .ambiguous, .ended(Ending(.ambiguous, nil)))
    #expect(try other.countRecoverable() == 0)
    journal.release(handle(0))
    #expect(journal.facts(of: handle(0)).isEmpty)
    #expect(try other.countRecoverable() == 1)
    #expect(try journal.countRecoverable() == 1)
    let (taken, hasMore) = try journal.takeRecoverable(atMost: 0)
    #expect(taken.isEmpty && hasMore)
    // Taken and not bound, it can be taken again, but not by others.
    #expect(try journal.takeRecoverable(atMost: 1).taken.count == 1)
    #expect(try journal.takeRecoverable(atMost: 1).taken.count == 1)
    #expect(try other.countRecoverable() == 0)
  }

  @Test func aDetachedOrUnfetchedTaskIsAnyonesAtOnce() throws {
    var lost = Failure(.network, "the picture could not be fetched")
    (lost.retryable, lost.maySpend) = (true, true)
    let journal = try bench.open()
    for (slot, ending) in [Ending(.detached, nil), Ending(.failed, lost)].enumerated() {
      try journal.accept(handle(slot))
      try journal.write(
        handle(slot), .submitting(attempt: 0), .submitted(token: "runway:\(slot)", millicredits: nil),
        .ended(ending))
    }
    // Of those that failed for good nothing is left.
    try journal.accept(handle(2))
    try journal.write(handle(2), .ended(Ending(.failed, Failure(.rejected, "no"))))
    let other = try bench.open()
    #expect(try other.takeRecoverable(atMost: 5).taken.map(\.row) == [1, 2])
  }
}
