// What a journal is told of a task, and what it tells of one.

/// What is written down when a task is accepted, and never changes. Ten thousand tasks may wait, each with one of these,
/// so what a journal alone wants is not there where none is kept.
package final class Opening: Sendable {
  private final class Record: Sendable {
    let model: String
    let request: String
    let digest: String
    let dedupeKey: String?
    let files: [String]

    init(_ model: String, _ request: String, _ digest: String, _ dedupeKey: String?, _ files: [String]) {
      self.model = model
      self.request = request
      self.digest = digest
      self.dedupeKey = dedupeKey
      self.files = files
    }
  }

  private let name: Intent
  private let certainty: Price.Certainty
  package let provider: String
  private let millicredits: Int64?
  /// Millicredits to hold for it.
  package let reserved: Int64
  private let record: Record?

  /// The UUID of this intent to spend; it goes along with every try of the submit.
  package var intent: String { name.text }
  package var price: Price { Price(millicredits: millicredits, certainty: certainty) }
  /// Empty, as what follows, where nothing is written down.
  package var model: String { record?.model ?? "" }
  /// The request as a caller could ask for it again, in JSON, without the bytes of pictures.
  package var request: String { record?.request ?? "" }
  /// SHA-256 of the request as it is sent, in hexadecimal.
  package var digest: String { record?.digest ?? "" }
  /// 1 to 255 bytes; the same key again is the same task.
  package var dedupeKey: String? { record?.dedupeKey }
  /// SHA-256 of each file that is uploaded for it, in the order of its uploads.
  package var files: [String] { record?.files ?? [] }

  package init(
    intent: Intent, provider: String, model: String, request: String, digest: String, dedupeKey: String?,
    price: Price, reserved: Int64, files: [String] = []
  ) {
    name = intent
    self.provider = provider
    (millicredits, certainty) = (price.millicredits, price.certainty)
    self.reserved = reserved
    record = Record(model, request, digest, dedupeKey, files)
  }

  /// Where no journal is.
  package init(unwritten intent: Intent, provider: String, price: Price, reserved: Int64) {
    name = intent
    self.provider = provider
    (millicredits, certainty) = (price.millicredits, price.certainty)
    self.reserved = reserved
    record = nil
  }
}

/// One fact of one task.
package final class Entry: Sendable {
  package let task: Handle
  package let fact: Fact
  /// With the fact `accepted`; nil with every other.
  package let opening: Opening?

  package init(_ task: Handle, _ fact: Fact, opening: Opening? = nil) {
    self.task = task
    self.fact = fact
    self.opening = opening
  }
}

/// What a journal says of a task that it did not simply write down.
package final class Ruling: Sendable {
  package enum Word: Sendable {
    /// Nothing of it stands in the journal, and nothing of it may be sent.
    case refused(Failure)
    /// Its dedupe key is that of a task the journal knows; the handle is this task's from now on.
    case known(Found)
  }

  package let task: Handle
  package let word: Word

  package init(_ task: Handle, _ word: Word) {
    self.task = task
    self.word = word
  }
}

/// A file that was uploaded for some task.
package final class Uploaded: Sendable {
  package let sha256: String
  package let uri: String
  package let unixMilliseconds: Int64

  package init(sha256: String, uri: String, unixMilliseconds: Int64) {
    self.sha256 = sha256
    self.uri = uri
    self.unixMilliseconds = unixMilliseconds
  }
}

/// A task as a journal knows it. Its owner is this client from now on.
package final class Found: Sendable {
  /// The journal's number for it; numbers rise.
  package let row: Int64
  package let opening: Opening
  package let standing: Standing
  package let createdUnixMilliseconds: Int64

  package init(row: Int64, opening: Opening, standing: Standing, createdUnixMilliseconds: Int64) {
    self.row = row
    self.opening = opening
    self.standing = standing
    self.createdUnixMilliseconds = createdUnixMilliseconds
  }
}
