// What the tests of this room share: a service, requests the catalogue accepted, and answers made of text.

import CCatalogue
import Core
import JSONCodec
import Testing
import Transport

@testable import Runway

let builtIn: Catalogue = {
  let text = UnsafeRawBufferPointer(start: ccatalogue_text(), count: ccatalogue_length())
  do throws(Failure) {
    return try Catalogue.read(try JSONCodec.decode(text, what: "catalogue"))
  } catch {
    fatalError("the baked catalogue cannot be read: \(error.message)")
  }
}()

let id = "17f20503-6c24-4c16-946b-35dbbce2af2f"
let token = "runway:" + id
let intent = "0b0e3a3e-2f4a-4c55-9a1e-0123456789ab"
let key = "key_" + String(repeating: "0123456789abcdef", count: 8)
/// 2026-11-22 12:00:00 UTC.
let now: Int64 = 1_795_348_800

func service(_ base: String? = nil, key: String = key, timeout: Int64? = nil) -> Service {
  do throws(Failure) {
    return try Service(base: base, key: key, timeoutMilliseconds: timeout)
  } catch {
    fatalError("no service: \(error.message)")
  }
}

func request(_ draft: String) throws -> Request {
  try builtIn.check(try JSONCodec.decode(draft, what: "req"), under: CheckRules()).accepted()
}

let harbour = #"{"model":"gen4_image","promptText":"A quiet harbour at dawn","ratio":"1280:720"}"#

func wire(
  _ operation: Operation, _ draft: String = harbour, uploaded: [String] = [], _ service: Service = service()
) throws -> HTTPRequest {
  try Wire.request(
    for: operation, of: try request(draft), uploaded: uploaded, intent: intent, service: service)
}

func wire(_ operation: Operation, _ service: Service) throws -> HTTPRequest {
  try wire(operation, harbour, service)
}

/// A picture of the host's that somebody has looked at.
func parcel(called name: String, _ bytes: [UInt8] = [UInt8](repeating: 7, count: 600)) -> Parcel {
  var hash = SHA256()
  bytes.withUnsafeBytes { hash.update($0) }
  let header =
    name.hasSuffix("JPG") ? Samples.jpeg(width: 8, height: 8) : Samples.png(width: 8, height: 8)
  let memory = Memory(header)
  return withExtendedLifetime(memory) {
    Parcel(
      .memory(Memory(bytes)), called: name, at: "/referenceImages/0/path",
      PictureHeader.read(memory.memory)!, size: bytes.count, sha256: hash.finish())
  }
}

/// Bytes of a test. Exactly as long as they are, so that reading beyond them is found by the tools that look for it.
final class Memory: Bytes, @unchecked Sendable {
  let memory: UnsafeRawBufferPointer

  init(_ bytes: some Collection<UInt8>) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    copy.copyBytes(from: bytes)
    memory = UnsafeRawBufferPointer(copy)
  }

  deinit { memory.deallocate() }
}

func answer(
  _ status: Int, _ body: String, _ adjust: (inout HTTPAnswerHeaders) -> Void = { _ in }
) -> Outcome {
  var headers = HTTPAnswerHeaders()
  adjust(&headers)
  return .answered(HTTPResponse(status: status, body: Memory(body.utf8), headers: headers))
}

func reading(_ outcome: Outcome, to operation: Operation, _ service: Service = service()) -> Reply.Outcome {
  Wire.reading(outcome, to: operation, service: service, unixSeconds: now)
}

let looking = Operation.check(token: token)
let fetching = Operation.fetch(token: token, output: 0, link: "https://d1.cloudfront.net/a.png?_jwt=x")

extension Reply.Outcome {
  var answer: Answer? { if case .answer(let answer) = self { answer } else { nil } }
  var setback: Setback? { if case .setback(let setback) = self { setback } else { nil } }
  var look: Look? { if case .looked(let look)? = answer { look } else { nil } }

  /// One line for a golden file or a comparison.
  var line: String {
    switch self {
    case .answer(.accepted(let token, let cost)): "accepted \(token) \(shown(cost))"
    case .answer(.looked(let look)): look.line
    case .answer(.cancelled): "cancelled"
    case .answer(.absent): "absent"
    case .answer(.uploading(let permille)): "uploading \(permille)‰"
    case .answer(.uploaded(let uri)): "uploaded \(uri)"
    case .answer(.fetched(let picture)):
      "fetched \(picture.mime) \(picture.width)x\(picture.height) \(picture.size) bytes"
    case .setback(let setback):
      "\(setback.kind)\(setback.linkDied ? ", link died" : ""): \(setback.failure.line)"
    }
  }
}

private func shown(_ cost: Int64?) -> String { cost.map { "\($0) mc" } ?? "cost unknown" }

extension Look {
  var line: String {
    switch self {
    case .pending: "pending"
    case .throttled: "throttled"
    case .running(let permille): "running \(permille.map { "\($0)‰" } ?? "at no known place")"
    case .succeeded(let links, let cost): "succeeded, \(links.count) links, \(shown(cost))"
    case .failed(let failure, let cost): "failed, \(shown(cost)): \(failure.line)"
    case .cancelled(let cost): "cancelled at the service, \(shown(cost))"
    case .unknown: "unknown"
    case .oversized(let failure): "oversized: \(failure.line)"
    }
  }
}

extension Failure {
  var line: String {
    var parts = ["\(StatusLine.name(status))"]
    if http != 0 { parts.append("http \(http)") }
    if retryable { parts.append("retryable") }
    if maySpend { parts.append("may have spent") }
    if retryAfterMilliseconds != 0 { parts.append("after \(retryAfterMilliseconds) ms") }
    if !location.isEmpty { parts.append("at \(location)") }
    if !serviceCode.isEmpty { parts.append("code \(serviceCode)") }
    return parts.joined(separator: ", ") + "\n    " + message
  }
}

private enum StatusLine {
  static func name(_ status: Status) -> String { String(describing: status.name) }
}
