// Facts as rows. A kind's number is never given to another; what a fact says beyond a number and a text is JSON.

internal import Core
import JSONCodec

/// The columns of one fact behind its task, its number and its time.
struct FactColumns {
  var kind: Int64
  var value: Int64?
  var text: String?
  var detail: String?

  /// `accepted` are the millicredits held for the task from the beginning.
  init(_ fact: Fact, accepted: Int64) throws(Fault) {
    switch fact {
    case .accepted: (kind, value) = (1, accepted)
    case .uploaded(let reference, let uri): (kind, value, text) = (2, Int64(reference), uri)
    case .submitting(let attempt): (kind, value) = (3, Int64(attempt))
    case .unsent: kind = 4
    case .submitted(let token, let millicredits): (kind, value, text) = (5, millicredits, token)
    case .refused(let status): (kind, value) = (6, Int64(status.rawValue))
    case .ambiguous: kind = 7
    case .cancelling: kind = 8
    case .fetched(let output, let filed): (kind, value, detail) = (9, Int64(output), try encoded(filed.json))
    case .handedOut(let output): (kind, value) = (10, Int64(output))
    case .settled(let token): (kind, text) = (11, token)
    case .witnessed(let counters): (kind, detail) = (13, try encoded(counters))
    case .ended(let ending):
      (kind, value, text) = (12, Int64(ending.state.rawValue), ending.failure?.message)
      detail = try encoded(ending.json)
    }
  }

  init(accepting opening: Opening) throws(Fault) {
    try self.init(.accepted, accepted: opening.reserved)
    if !opening.files.isEmpty { detail = try encoded(.array(opening.files.map { .string($0) })) }
  }

  init(kind: Int64, value: Int64?, text: String?, detail: String?) {
    (self.kind, self.value, self.text, self.detail) = (kind, value, text, detail)
  }

  /// nil for what no version of ours wrote.
  var fact: Fact? {
    switch (kind, value, text) {
    case (1, .some, nil): .accepted
    case (2, let reference?, let uri?): Int(exactly: reference).map { .uploaded(reference: $0, uri: uri) }
    case (3, let attempt?, nil): Int(exactly: attempt).map { .submitting(attempt: $0) }
    case (4, nil, nil): .unsent
    case (5, let millicredits, let token?): .submitted(token: token, millicredits: millicredits)
    case (6, let status?, nil): Int32(exactly: status).map { .refused(Status(rawValue: $0)) }
    case (7, nil, nil): .ambiguous
    case (8, nil, nil): .cancelling
    case (9, let output?, nil): place(output).flatMap { output in filed.map { .fetched(output: output, $0) } }
    case (10, let output?, nil): place(output).map { .handedOut(output: $0) }
    case (11, nil, let token): .settled(token: token)
    case (13, nil, nil): decoded(detail).map { .witnessed($0) }
    case (12, let state?, let message): ending(state, message).map { .ended($0) }
    default: nil
    }
  }

  /// A number of pictures that no service makes would ask for as much memory.
  private func place(_ output: Int64) -> Int? { output >= 0 && output < outputsMax ? Int(output) : nil }

  private var filed: Filed? {
    guard let json = decoded(detail), let mime = json["mime"]?.string, let width = json["width"]?.integer,
      let height = json["height"]?.integer, let size = json["bytes"]?.integer,
      let sha256 = json["sha256"]?.string
    else { return nil }
    return Filed(
      mime: mime, width: Int(width), height: Int(height), size: Int(size), sha256: sha256,
      path: json["path"]?.string)
  }

  private func ending(_ state: Int64, _ message: String?) -> Ending? {
    guard let json = decoded(detail), let state = Int32(exactly: state).flatMap({ TaskState(rawValue: $0) }),
      let outputs = json["outputs"]?.integer, outputs >= 0, outputs < outputsMax
    else { return nil }
    var failure: Failure?
    if let status = json["status"]?.integer.flatMap({ Int32(exactly: $0) }) {
      var told = Failure(Status(rawValue: status), at: json["where"]?.string ?? "", Sentence(message ?? ""))
      told.retryable = json["retryable"]?.bool ?? false
      told.maySpend = json["maySpend"]?.bool ?? false
      told.http = Int32(truncatingIfNeeded: json["http"]?.integer ?? 0)
      told.retryAfterMilliseconds = json["retryAfterMs"]?.integer ?? 0
      told.systemCode = json["system"]?.integer ?? 0
      told.serviceCode = json["code"]?.string ?? ""
      failure = told
    }
    return Ending(state, failure, outputs: Int(outputs), spent: json["millicredits"]?.integer)
  }
}

private let outputsMax: Int64 = 1 << 16

extension Filed {
  fileprivate var json: JSON {
    var object = JSON.Object()
    object.add("mime", text: mime)
    object.add("width", number: width)
    object.add("height", number: height)
    object.add("bytes", number: size)
    object.add("sha256", text: sha256)
    object.add("path", text: path)
    return .object(object)
  }
}

extension Ending {
  /// Its state and its sentence have columns of their own.
  fileprivate var json: JSON {
    var object = JSON.Object()
    object.add("outputs", number: outputs)
    object.add("millicredits", number: spent)
    guard let failure else { return .object(object) }
    object.add("status", number: Int64(failure.status.rawValue))
    object.add("where", text: failure.location)
    object.add("retryable", flag: failure.retryable)
    object.add("maySpend", flag: failure.maySpend)
    object.add("http", number: Int64(failure.http))
    object.add("retryAfterMs", number: failure.retryAfterMilliseconds)
    object.add("system", number: failure.systemCode)
    object.add("code", text: failure.serviceCode)
    return .object(object)
  }
}

private func encoded(_ json: JSON) throws(Fault) -> String {
  do throws(Failure) { return try JSONCodec.encode(json).string } catch { throw .refusal(error) }
}

private func decoded(_ text: String?) -> JSON? {
  text.flatMap { try? JSONCodec.decode($0, what: "a fact") }
}

extension Uploaded {
  /// From a row of `Query.uploads`; nil where it names no file.
  convenience init?(_ row: Statement) {
    guard let at = row.integer(), let place = row.integer(), let uri = row.text(),
      let files = decoded(row.text())?.array, let index = Int(exactly: place), files.indices.contains(index),
      let sha256 = files[index].string
    else { return nil }
    self.init(sha256: sha256, uri: uri, unixMilliseconds: at)
  }
}

extension Statement {
  /// The fact in this row of `Query.facts`, which must be of this task and have this number.
  func fact(of task: Int64, number: Int64) throws(Fault) -> (at: Int64, fact: Fact, value: Int64?) {
    guard integer() == task, integer() == number, let at = integer(), let kind = integer() else {
      throw .damage("the order of a task's facts")
    }
    let columns = FactColumns(kind: kind, value: integer(), text: text(), detail: text())
    guard isSealed, let fact = columns.fact else { throw .damage("a fact") }
    return (at, fact, columns.value)
  }
}

extension FactColumns {
  func insert(_ task: Int64, _ number: Int64, at: Int64, on connection: Connection) throws(Fault) {
    let row = try connection(.insertFact).add(task).add(number).add(at).add(kind).add(value).add(text).add(
      detail)
    try row.addSeal().run()
  }
}
