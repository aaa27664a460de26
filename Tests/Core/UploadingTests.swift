// What a task uploads before its submit: in which order, how far it is, and what becomes of it when the service lost it.

import Testing

@testable import Core

@Suite struct UploadingTests {
  private var machine = TaskMachine(
    id: Handle(.task, slot: 0, serial: 1), terms: Terms(rhythm: .polled(floor: .seconds(5)), survives: true),
    uploads: 3, reserved: 5000)
  private var random = Random(seed: 1)

  private mutating func feed(_ input: Input) { _ = machine.receive(input, now: .zero, random: &random) }

  private mutating func answer(_ answer: Answer) {
    if let ticket = machine.phase.ticket { feed(.answered(ticket, answer)) }
  }

  private mutating func loseUploads() {
    guard let ticket = machine.phase.ticket else { return }
    feed(.setBack(ticket, Setback(.refused, Failure(.rejected, "no"), linkDied: true)))
  }

  @Test mutating func uploadsAreSubmittedInTheirOrder() {
    feed(.admitted)
    feed(.started)
    var seen: [Int?] = []
    for number in 0..<3 {
      seen.append(machine.phase.permille)
      answer(.uploading(permille: 500))
      seen.append(machine.phase.permille)
      answer(.uploaded(uri: "runway://\(number)"))
    }
    #expect(seen == [0, 166, 333, 500, 666, 833])
    #expect(machine.uris == ["runway://0", "runway://1", "runway://2"])
    #expect(machine.state == .submitting)
  }

  @Test mutating func whatTheServiceLostIsUploadedOnceMore() {
    feed(.admitted)
    feed(.started)
    for number in 0..<3 { answer(.uploaded(uri: "runway://\(number)")) }
    loseUploads()
    #expect(machine.state == .uploading && machine.uris == [])
    for number in 3..<6 { answer(.uploaded(uri: "runway://\(number)")) }
    #expect(machine.uris == ["runway://3", "runway://4", "runway://5"])
    loseUploads()
    #expect(machine.state == .failed)
  }
}
