// The two requests of an upload and what is made of their answers; the shelf that keeps a file from going twice; and the
// reader that never lets the wrong file arrive whole.

import Core
import Foundation
import Platform
import Testing
import Transport

@testable import Runway

private let granted = #"""
  {"uploadUrl":"https://s3.amazonaws.com/b","fields":{"key":"k","Policy":"p"},"runwayUri":"runway://abcdefghij"}
  """#

private func place(_ body: String, status: Int = 200, _ service: Service = service()) throws -> StoragePlace {
  try Wire.place(answer(status, body), for: parcel(called: "a.png"), service: service, unixSeconds: now)
}

private func setback(_ body: String, status: Int = 200) -> Setback? {
  do {
    _ = try place(body, status: status)
    return nil
  } catch let error as UploadSetback {
    return error.setback
  } catch {
    return nil
  }
}

@Suite struct UploadTests {
  @Test func aPlaceIsReadAsItIsGiven() throws {
    let place = try place(granted)
    #expect(place.uri == "runway://abcdefghij" && place.url == "https://s3.amazonaws.com/b")
    #expect(place.fields.map(\.name) == ["key", "Policy"])
  }

  @Test(arguments: [
    "", "{}", "[]", #"{"uploadUrl":"https://x/","fields":[],"runwayUri":"runway://abcdefghij"}"#,
    granted.replacingOccurrences(of: #""p""#, with: "5"),
    granted.replacingOccurrences(of: "runway://abcdefghij", with: "https://abcdefghij"),
    granted.replacingOccurrences(of: "runway://abcdefghij", with: "runway://a"),
    granted.replacingOccurrences(of: "Policy", with: #"a\"; name=\"b"#),
    granted.replacingOccurrences(of: "Policy", with: #"a\r\nX: y"#),
  ])
  func whatIsNoPlaceIsAskedForAgain(body: String) {
    let found = setback(body)
    #expect(found?.kind == .mayHaveArrived)
    #expect(found?.failure.location == "/referenceImages/0/path")
    #expect(found?.failure.message.contains("a.png was not uploaded") == true)
  }

  @Test func aRefusalOfThePlaceSaysWhy() {
    #expect(setback("{}", status: 401)?.failure.status == .auth)
    #expect(setback("{}", status: 429)?.failure.retryable == true)
    let long = #"{"error":"\#(String(repeating: "x", count: 5000))"}"#
    for status in [400, 401, 403, 429, 500] {
      #expect((setback(long, status: status)?.failure.message.utf8.count ?? 999) <= 383, "\(status)")
    }
  }

  @Test(arguments: ["http://example.com/", "ftp://x/", "", "https://me@x/", "http://127.0.0.1/"])
  func anAddressThatIsNoneIsNotUsed(url: String) throws {
    let body = granted.replacingOccurrences(of: "https://s3.amazonaws.com/b", with: url)
    let reader = try ParcelReader(parcel(called: "a.png"))
    #expect(throws: Failure.self) {
      try Wire.store(parcel(called: "a.png"), in: try place(body), cargo: reader, service())
    }
  }

  @Test func theFormHasNoKeyAndItsOwnTimeLimit() throws {
    let parcel = parcel(called: "a.png")
    let request = try Wire.store(parcel, in: try place(granted), cargo: try ParcelReader(parcel), service())
    #expect(request.key == nil && request.headers.isEmpty && request.purpose == .store)
    #expect(request.timeLimit == .seconds(68))
    #expect(service().limits.store(bytes: 200 << 20) == .seconds(1660))
  }

  @Test func namesAreSafeAndSayTheTruth() {
    let expected = [
      ("/home/me/eiffel.png", "eiffel.png"), ("Photo é.JPG", "Photo é.JPG"), ("blob:0", "blob:0.png"),
      ("a\"b\\c\nd.png", "a_b_c_d.png"), ("/tmp/", "picture.png"), ("x.jpg", "x.jpg.png"),
      (".png", ".png.png"),
    ]
    for (path, name) in expected { #expect(parcel(called: path).name == name) }
    let long = parcel(called: String(repeating: "é", count: 300) + ".png").name
    #expect(long.utf8.count <= 255 && long.hasSuffix(".png") && !long.contains("\u{FFFD}"))
  }
}

// MARK: The shelf

private final class Ears: @unchecked Sendable {
  private let heard = Locked<[String]>([])
  var lines: [String] { heard.withLock { $0 } }

  func waiter(_ serial: UInt32, client: UInt64 = 1) -> Shelf.Waiter {
    Shelf.Waiter(Ticket(task: Handle(rawValue: 1), serial: serial), client: client) { [self] news in
      let line =
        switch news {
        case .sent(let permille): "\(serial): \(permille)"
        case .arrived(let uri): "\(serial): \(uri)"
        case .setBack(let setback): "\(serial): \(setback.kind)"
        }
      heard.withLock { $0.append(line) }
    }
  }
}

extension Shelf.Answer {
  fileprivate var word: String {
    switch self {
    case .here(let uri): uri
    case .underway: "underway"
    case .begin: "begin"
    }
  }
}

@Suite struct ShelfTests {
  private let shelf = Shelf()
  private let ears = Ears()
  private let start = Instant.zero
  private let label = Shelf.Label("aa", of: service())

  private func ask(_ serial: UInt32, client: UInt64 = 1, _ label: Shelf.Label? = nil, at now: Instant = .zero)
    -> String
  {
    shelf.ask(label ?? self.label, ears.waiter(serial, client: client), now: now).word
  }

  @Test func oneBeginsAndTheOthersWait() {
    #expect(ask(1) == "begin" && ask(2) == "underway" && ask(3, client: 2) == "underway")
    shelf.tell(label, sent: 500)
    shelf.arrived(label, uri: "runway://x", now: start)
    #expect(ears.lines == ["1: 500", "2: 500", "3: 500"] + [1, 2, 3].map { "\($0): runway://x" })
    #expect(ask(4) == "runway://x")
  }

  @Test func afterAFailureTheNextBegins() {
    _ = (ask(1), ask(2))
    shelf.failed(label, Setback(.refused, Failure(.http, "no")))
    #expect(ears.lines == ["1: refused", "2: refused"])
    #expect(ask(3) == "begin")
  }

  @Test func itIsKeptForADayLessAnHour() {
    _ = ask(1)
    shelf.arrived(label, uri: "runway://x", now: start)
    #expect(ask(2, at: start + .seconds(23 * 3600 - 1)) == "runway://x")
    #expect(ask(3, at: start + .seconds(23 * 3600)) == "begin")
  }

  @Test func otherContentsAccountsAndServicesAreOther() {
    _ = ask(1)
    shelf.arrived(label, uri: "runway://x", now: start)
    #expect(ask(2, Shelf.Label("ab", of: service())) == "begin")
    #expect(ask(3, Shelf.Label("aa", of: service(key: "key_other"))) == "begin")
    #expect(ask(4, Shelf.Label("aa", of: service("https://example.com"))) == "begin")
  }

  @Test func theLastOfTheSameClientStopsIt() {
    _ = (ask(1), ask(2), ask(3, client: 2))
    func leave(_ serial: UInt32, _ client: UInt64 = 1) -> Bool {
      shelf.leave(Ticket(task: Handle(rawValue: 1), serial: serial), client: client) != nil
    }
    #expect(!leave(1) && !leave(2) && !leave(9))
    // The other client's goes on at the first, which is not asked to stop.
    #expect(!leave(3, 2) && ask(4) == "underway")
    #expect(leave(4) && ask(5) == "begin")
  }

  @Test func whatIsForgottenIsUploadedAgain() {
    _ = ask(1)
    shelf.arrived(label, uri: "runway://x", now: start)
    shelf.forget("runway://y")
    #expect(ask(2) == "runway://x")
    shelf.forget("runway://x")
    #expect(ask(3) == "begin")
  }

  @Test func whatAJournalRemembersIsThere() {
    shelf.remember(label, uri: "runway://old", age: .seconds(24 * 3600), now: start)
    #expect(ask(1) == "begin")
    let other = Shelf.Label("bb", of: service())
    shelf.remember(other, uri: "runway://kept", age: .seconds(22 * 3600), now: start)
    #expect(ask(2, other) == "runway://kept")
    #expect(ask(3, other, at: start + .seconds(3600)) == "begin")
  }

  @Test func itHasABound() {
    for number in 0..<Shelf.itemsMax + 10 {
      let label = Shelf.Label("\(number)", of: service())
      _ = ask(1, label)
      shelf.arrived(label, uri: "runway://\(number)", now: start)
    }
    #expect(ask(2, Shelf.Label("0", of: service())) == "begin")
    #expect(ask(3, Shelf.Label("\(Shelf.itemsMax)", of: service())) == "runway://\(Shelf.itemsMax)")
  }
}

// MARK: The reader

@Suite struct ParcelReaderTests {
  /// All that comes when it is read in pieces of so many bytes; nil where it stops.
  private func read(_ reader: ParcelReader, by piece: Int, _ between: (Int) -> Void = { _ in }) -> [UInt8]? {
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: piece)
    while true {
      between(bytes.count)
      guard let count = room.withUnsafeMutableBytes({ reader.load(into: $0) }) else { return nil }
      if count == 0 { return bytes }
      bytes += room[..<count]
    }
  }

  private func file(_ bytes: [UInt8]) throws -> (String, Parcel) {
    let path = NSTemporaryDirectory() + "t2i-\(UInt64.random(in: 0 ... .max)).png"
    try Data(bytes).write(to: URL(filePath: path))
    let memory = parcel(called: path, bytes)
    let checked = withExtendedLifetime(memory) {
      let sample = Memory(Samples.png(width: 8, height: 8))
      return Parcel(
        .file(path: path, root: nil), called: path, at: "/x", PictureHeader.read(sample.memory)!,
        size: bytes.count, sha256: memory.sha256)
    }
    return (path, checked)
  }

  @Test(arguments: [1, 7, 512, 600, 601, 65536]) func everyByteComes(piece: Int) throws {
    let bytes = (0..<600).map { UInt8($0 & 0xFF) }
    #expect(read(try ParcelReader(parcel(called: "a.png", bytes)), by: piece) == bytes)
    let (path, parcel) = try file(bytes)
    defer { unlink(path) }
    #expect(read(try ParcelReader(parcel), by: piece) == bytes)
  }

  @Test func aFileThatChangesNeverArrivesWhole() throws {
    let bytes = [UInt8](repeating: 1, count: 4096)
    let changes: [(String, (String) -> Void)] = [
      ("shrinks", { truncate($0, 2000) }), ("grows", { truncate($0, 5000) }),
      (
        "is overwritten",
        { path in
          let file = fopen(path, "r+")
          fseek(file, 4000, SEEK_SET)
          fputc(2, file)
          fclose(file)
        }
      ),
    ]
    for (name, change) in changes {
      for moment in [0, 1024, 3072] {
        let (path, parcel) = try file(bytes)
        defer { unlink(path) }
        let reader = try ParcelReader(parcel)
        var last = 0
        let got = read(reader, by: 1024) { count in
          last = count
          if count == moment { change(path) }
        }
        #expect(got == nil && last < bytes.count, "\(name) after \(moment)")
        #expect(reader.failure?.status == .state, "\(name) after \(moment)")
      }
    }
  }

  @Test func aFileThatIsGoneIsSaid() throws {
    let (path, parcel) = try file([UInt8](repeating: 1, count: 600))
    unlink(path)
    #expect(#expect(throws: Failure.self) { try ParcelReader(parcel) }?.status == .io)
  }
}
