// What the official SDK put on the wire, we put on the wire: method, path, the headers the service requires, and the
// body byte for byte.

import Core
import Foundation
import JSONCodec
import Testing
import Transport

@testable import Runway

/// Recordings without a counterpart of ours, by the reason. They are not carried over.
private let skipped: [(reason: String, recordings: [String])] = [
  (
    "nothing reached a server: the connection is the transport's",
    ["conn_refused", "connect_timeout", "dns_failure"]
  ),
  (
    "figures of the SDK's own retries, without requests",
    [
      "retry_after_real_delays", "retry_backoff_formula", "retry_max_retries_option",
      "wait_poll_interval_distribution",
    ]
  ),
  ("calls of the SDK that send nothing", ["no_download_helper", "upload_bare_bytes"]),
  ("half a surrogate pair is refused before it is a request", ["text_to_image_lone_surrogate"]),
  ("the router is for later", ["generate_image_router", "routers_crud"]),
]

/// Recorded requests that ours differ from, and why that is right.
private let different: [(recording: String, part: String, reason: String)] = [
  ("env_variables", "/v1/v1/", "a base URL that ends in /v1 is refused"),
  ("env_variables", "2000-01-01", "RUNWAYML_CUSTOM_HEADERS is not read: it could set any version"),
  ("env_variables", "2030-05-05", "RUNWAYML_CUSTOM_HEADERS is not read: it could set any version"),
  (
    "upload_explicit_content_type", "x.bin",
    "the service refuses a name without the ending of a picture, so it gets the one of its content"
  ),
  ("organization_usage", "T05:06:00", "the SDK sends a time where the service documents a day"),
  (
    "text_to_image_missing_arguments", "",
    "a ratio that is left out is filled in, because the service requires one"
  ),
  (
    "text_to_image_every_model_minimal", #""ideogram_4_0","promptText":"x"}"#,
    "a ratio that is left out is filled in, so that the price is known"
  ),
  (
    "text_to_image_every_model_minimal", #""ideogram_4_5","promptText":"x"}"#,
    "a ratio that is left out is filled in, so that the price is known"
  ),
  (
    "text_to_image_every_model_minimal", #""recraft_v4_1_vector","promptText":"x"}"#,
    "a ratio that is left out is filled in, so that the price is known"
  ),
]

/// What the SDK sends and the service would refuse: refused here, before it could cost anything.
private let refusedHere: [(recording: String, part: String, place: String)] = [
  ("text_to_image_no_client_validation", #""ratio":"16:9""#, "/ratio"),
  ("text_to_image_no_client_validation", "xxxxxxxx", "/promptText"),
  ("text_to_image_no_client_validation", #""promptText":"""#, "/promptText"),
  ("text_to_image_no_client_validation", #""tag":"ab""#, "/referenceImages/0/tag"),
  ("text_to_image_no_client_validation", "http://10.0.0.1", "/referenceImages/0/uri"),
  ("text_to_image_no_client_validation", #"{"uri":"https://e.com/a.jpg"},{"#, "/referenceImages"),
  ("text_to_image_no_client_validation", "gen4_image_turbo", "/referenceImages"),
  ("text_to_image_no_client_validation", #""seed":-1"#, "/seed"),
  // It edits a picture, so it needs one.
  ("text_to_image_every_model_minimal", #""bria_fibo_edit_1_5","promptText":"x"}"#, "/referenceImages"),
]

extension Exchange {
  fileprivate func holds(_ part: String) -> Bool {
    part.isEmpty || path.contains(part) || body?.contains(part) == true
      || headers.values.contains { $0.contains(part) }
  }

  fileprivate var isDifferent: Bool { different.contains { $0.recording == recording && holds($0.part) } }

  fileprivate var placeRefused: String? {
    refusedHere.first { $0.recording == recording && holds($0.part) }?.place
  }

  /// Ours, asked the same: the base is what stands before /v1.
  fileprivate func counterpart() throws -> HTTPRequest {
    let parts = path.components(separatedBy: "/v1/")
    let service = service("http://127.0.0.1:8080" + parts[0])
    switch (method, parts[1]) {
    case ("POST", "text_to_image"): return try wire(.submit, body ?? "", service)
    case ("POST", "uploads"):
      let name = try JSONCodec.decode(body ?? "", what: "golden")["filename"]?.string ?? ""
      return try Wire.place(for: parcel(called: name), service)
    case ("GET", "organization"): return Wire.account(service)
    case ("POST", "organization/usage"):
      let asked = try JSONCodec.decode(body ?? "", what: "golden")
      return try Wire.usage(from: asked["startDate"]?.string, to: asked["beforeDate"]?.string, service)
    case ("GET", let call): return try wire(.check(token: "runway:" + call.dropFirst(6)), harbour, service)
    case ("DELETE", let call):
      return try wire(.cancel(token: "runway:" + call.dropFirst(6)), harbour, service)
    default: throw Failure(.unsupported, "no such call")
    }
  }
}

extension HTTPRequest {
  var methodName: String {
    switch method {
    case .get: "GET"
    case .post: "POST"
    case .delete: "DELETE"
    }
  }

  func header(_ name: String) -> String? {
    let found = headers.filter { "\($0.name)" == name }
    #expect(found.count <= 1, "\(name) twice")
    return found.first?.value
  }
}

@Suite struct RecordingTests {
  @Test(arguments: Golden.exchanges.filter { !$0.isDifferent && $0.placeRefused == nil })
  func oursIsTheRecordedRequest(exchange: Exchange) throws {
    let ours = try exchange.counterpart()
    #expect(ours.methodName == exchange.method)
    #expect(ours.url == "http://127.0.0.1:8080" + exchange.path)
    #expect(ours.body == exchange.body)
    #expect(exchange.headers["authorization"] == "Bearer <API_KEY>" && ours.key != nil)
    #expect(ours.header("x-runway-version") == exchange.headers["x-runway-version"])
    // The SDK says of a DELETE without a body that its body is JSON, and that it takes any answer.
    let isDelete = exchange.method == "DELETE"
    #expect(ours.header("content-type") == (isDelete ? nil : exchange.headers["content-type"]))
    #expect(ours.header("accept") == "application/json")
    #expect(exchange.headers["accept"] == (isDelete ? "*/*" : "application/json"))
  }

  @Test(arguments: Golden.exchanges.filter { $0.placeRefused != nil })
  func whatTheSDKSendsUncheckedIsRefusedHere(exchange: Exchange) throws {
    let failure = #expect(throws: Failure.self) { try exchange.counterpart() }
    #expect(failure?.location == exchange.placeRefused)
  }

  @Test(arguments: Golden.exchanges.filter { $0.isDifferent })
  func whatDiffersDoes(exchange: Exchange) throws {
    if let ours = try? exchange.counterpart() {
      #expect(
        ours.body != exchange.body || ours.header("x-runway-version") != exchange.headers["x-runway-version"]
          || !ours.url.hasSuffix(exchange.path), "\(exchange.name) is the same by now: compare it")
    }
  }

  @Test func everyExceptionIsThere() {
    for row in different {
      #expect(
        Golden.exchanges.contains { $0.recording == row.recording && $0.holds(row.part) }, "\(row.part)")
    }
    for row in refusedHere {
      #expect(
        Golden.exchanges.contains { $0.recording == row.recording && $0.holds(row.part) }, "\(row.part)")
    }
  }

  @Test func every76RecordingsAreComparedOrSkippedByName() {
    let names = skipped.flatMap(\.recordings)
    #expect(Set(names).isDisjoint(with: Golden.recordings))
    #expect(Golden.recordings.count == 64 && Set(names).count == 12)
    #expect(Golden.exchanges.count > 90, "\(Golden.exchanges.count)")
  }

  /// All that was answered, read as an answer to what was asked.
  @Test func theRecordedAnswersAreReadAsListed() throws {
    var text = "Recorded answers and what they are read as. A setback's second line is its sentence.\n"
    for exchange in Golden.exchanges {
      guard let status = exchange.status else { continue }
      let operation: Core.Operation? =
        exchange.path.hasSuffix("text_to_image")
        ? .submit
        : !exchange.path.contains("/tasks/")
          ? nil : exchange.method == "GET" ? looking : .cancel(token: token)
      guard let operation else { continue }
      let outcome = answer(status, exchange.answer)
      let line =
        "\n\(exchange.method) -> \(status) \(exchange.answer)\n  \(reading(outcome, to: operation).line)\n"
      // The same answer stands in several recordings.
      if !text.contains(line) { text += line }
    }
    try Golden.compare(text, with: "answers.txt")
  }
}
