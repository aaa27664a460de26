// Whom the service holds back, and who of them is first.

import Testing

@testable import Core

@Suite struct ThrottledLineTests {
  private func task(_ serial: UInt64) -> Handle { Handle(.task, slot: Int(100 - serial), serial: serial) }

  @Test func theOldestOfEachModelIsFirst() {
    var line = ThrottledLine()
    for serial in [3, 1, 5, 2, 4] as [UInt64] { line.enter(task(serial), model: serial == 4 ? "b" : "a") }
    #expect((1...5).filter { !line.isBehind(task($0)) } == [1, 4])
    #expect(line.leave(task(3)) == nil)
    #expect(line.leave(task(1)) == task(2))
    #expect(line.leave(task(4)) == nil)
    #expect(line.leave(task(2)) == task(5))
    #expect(line.leave(task(5)) == nil)
  }

  @Test func whoIsNotInLineIsBehindNobody() {
    var line = ThrottledLine()
    line.enter(task(1), model: "a")
    #expect(!line.isBehind(task(2)))
    #expect(line.leave(task(2)) == nil)
  }

  @Test func anOlderTaskThatComesLaterGoesFirst() {
    var line = ThrottledLine()
    line.enter(task(2), model: "a")
    #expect(!line.isBehind(task(2)))
    line.enter(task(1), model: "a")
    #expect(line.isBehind(task(2)))
    #expect(line.leave(task(1)) == task(2))
  }
}
