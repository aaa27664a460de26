// What an answer says for itself: {"error" or "message", "issues", "docUrl", "code"}. It is somebody else's text, so
// what is kept of it is short, on one line and without any key.

import Core
import JSONCodec
import Transport

struct Complaint {
  /// One field the service did not like.
  struct Issue {
    /// A JSON pointer into the request; empty where the service names no field.
    let location: String
    let text: String
  }

  /// The body as JSON, nil if it is something else.
  let json: JSON?
  /// Runway's own word for what went wrong.
  let error: String?
  /// `error`, or what a gateway or a newer version says instead.
  let text: String?
  let issue: Issue?
  /// An https link into the service's documentation.
  let document: String?
  /// Such as "no_eligible_model".
  let code: String?

  /// It names something, so it may be more than a complaint.
  var hasID: Bool { json?["id"] != nil }

  private static let maxTextBytes = 160
  private static let maxIssueBytes = 96
  private static let maxDocumentBytes = 80
  private static let maxCodeBytes = 64

  /// A storage host answers with pages of XML, of which nothing but the code is read.
  init(_ response: HTTPResponse, to question: Question, key: Secret) {
    let json = question.isForeign ? nil : Complaint.json(response)
    self.json = json
    error = PlainText.line(json?["error"]?.string, upTo: Complaint.maxTextBytes, hiding: key)
    text =
      error ?? PlainText.line(json?["message"]?.string, upTo: Complaint.maxTextBytes, hiding: key)
      ?? (question == .storage ? Complaint.codeInXML(response) : nil)
    issue = json?["issues"]?.array?.first.flatMap { Complaint.issue($0, key) }
    document = Complaint.link(json?["docUrl"]?.string, key)
    code = PlainText.word(json?["code"]?.string, upTo: Complaint.maxCodeBytes)
  }

  /// "EntityTooLarge" of <Error><Code>EntityTooLarge</Code>…: letters and nothing else.
  private static func codeInXML(_ response: HTTPResponse) -> String? {
    let bytes = response.body.memory.prefix(1024)
    var rest = Array(bytes)[...]
    while !rest.isEmpty && !rest.begins(with: "<Code>") { rest = rest.dropFirst() }
    let word = rest.dropFirst(6).prefix { $0.isLetter }
    return word.isEmpty || word.count > maxCodeBytes ? nil : String(word)
  }

  /// The body, if it is JSON of a reasonable kind. Why it is not does not matter to anybody.
  static func json(_ response: HTTPResponse) -> JSON? {
    do throws(Failure) {
      return try JSONCodec.decode(response.body.memory, what: "answer", maxValues: Limits.answerValues)
    } catch {
      return nil
    }
  }

  private static func issue(_ json: JSON, _ key: Secret) -> Issue? {
    guard let text = PlainText.line(json["message"]?.string, upTo: maxIssueBytes, hiding: key) else {
      return nil
    }
    return Issue(location: pointer(json["path"]?.array ?? []), text: text)
  }

  /// ["referenceImages", 0, "uri"] as "/referenceImages/0/uri". It ends where a host's field for it would.
  private static func pointer(_ path: [JSON]) -> String {
    var pointer = Pointer.root
    for step in path.prefix(16) {
      let longer: Pointer
      if let index = step.integer, index >= 0 {
        longer = pointer / String(sentence: "\(index)")
      } else if let name = PlainText.word(step.string, upTo: 48) {
        longer = pointer / name
      } else {
        break
      }
      guard longer.text.byteCount < 64 else { break }
      pointer = longer
    }
    return pointer.text
  }

  private static func link(_ text: String?, _ key: Secret) -> String? {
    guard let text, text.begins(with: "https://"), text.byteCount <= maxDocumentBytes else { return nil }
    return PlainText.word(text, upTo: maxDocumentBytes).flatMap {
      PlainText.line($0, upTo: maxDocumentBytes, hiding: key)
    }
  }
}
