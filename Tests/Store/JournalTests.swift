// What was written down is known again, by whoever opens the journal next.

import Core
import Foundation
import Store
import Testing

@Suite struct JournalTests {
  let bench = Bench()

  @Test func everyFactComesBackAsItWasWritten() throws {
    var failure = Failure(.rejected, at: "/ratio", "the ratio \u{1F305} was refused")
    (failure.retryable, failure.maySpend, failure.http, failure.systemCode) = (true, true, 400, -7)
    (failure.retryAfterMilliseconds, failure.serviceCode) = (1500, "SAFETY.INPUT.TEXT")
    let inMemory = Filed(mime: "image/jpeg", width: 1, height: 2, size: 3, sha256: "cd", path: nil)
    let facts: [Fact] = [
      .uploaded(reference: 0, uri: "runway://a"), .submitting(attempt: 0), .unsent, .submitting(attempt: 1),
      .refused(.rate), .submitting(attempt: 2), .ambiguous, .settled(token: "runway:x"), .settled(token: nil),
    ]
    let later: [Fact] = [
      .submitting(attempt: 0), .submitted(token: "runway:1", millicredits: 8000), .cancelling,
      .fetched(output: 0, picture), .fetched(output: 1, inMemory), .ended(Ending(.detached, failure)),
    ]
    let journal = try bench.open()
    for (slot, facts) in [facts, later].enumerated() {
      try journal.accept(handle(slot))
      for fact in facts {
        bench.clock.now += 1
        try journal.write(handle(slot), fact)
      }
      let read = journal.facts(of: handle(slot))
      #expect(read.map { "\($0.fact)" }.count == facts.count + 1)
      #expect(read.map(\.fact) == [.accepted] + facts)
      #expect(read.map(\.at) == (0...facts.count).map { read[0].at + Int64($0) })
    }
  }

  @Test func whatIsUnfinishedIsFoundByTheNext() throws {
    do {
      let journal = try bench.open()
      try journal.accept(handle(0), opening(7000, key: "k", request: #"{"model":"gen4_image"}"#))
      try journal.write(handle(0), .submitting(attempt: 0), .submitted(token: "runway:1", millicredits: 9000))
      try journal.accept(handle(1))
      try journal.write(handle(1), .submitting(attempt: 0), .submitted(token: "runway:2", millicredits: nil))
      try journal.write(handle(1), .fetched(output: 0, picture), .ended(success))
    }
    let journal = try bench.open()
    #expect(try journal.countRecoverable() == 1)
    let (taken, hasMore) = try journal.takeRecoverable(atMost: 10)
    #expect(!hasMore)
    let found = try #require(taken.first)
    #expect(taken.count == 1)
    #expect(found.opening.request == #"{"model":"gen4_image"}"#)
    #expect(found.opening.dedupeKey == "k")
    #expect(found.opening.reserved == 7000)
    #expect(found.opening.price == Price(millicredits: 7000, certainty: .known))
    #expect(found.standing.token == "runway:1")
    #expect(found.standing.reserved == 9000)
    #expect(found.createdUnixMilliseconds == bench.clock.now)

    journal.bind(found, to: handle(5))
    #expect(try journal.countRecoverable() == 0)
    try journal.write(handle(5), .fetched(output: 0, picture), .ended(success))
    #expect(
      try bench.sql("SELECT open, owner, fence, stage FROM task ORDER BY id") == [
        ["0", "0", "2", "5"], ["0", "0", "1", "5"],
      ])
  }
}
