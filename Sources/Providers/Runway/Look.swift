// One look at a task: an object that its status tells apart. Whatever is wrong with it is a setback of this one look.

import Core
import Transport

extension AnswerReader {
  func looked(_ outcome: Outcome, _ token: String) -> Reply.Outcome {
    switch outcome {
    case .lost(let loss):
      guard loss.reason == .tooLarge, loss.status == 200 else { return lost(loss, .look) }
      // Nobody knows what it says, so it may have been charged.
      var failure = ServiceError.failure(loss, to: .look, key: service.key)
      failure.maySpend = true
      return .answer(.looked(.oversized(failure)))
    case .answered(let response):
      if response.status == 200, let task = Complaint.json(response), isAbout(token, task),
        let look = look(task)
      {
        return .answer(.looked(look))
      }
      let complaint = Complaint(response, to: .look, key: service.key)
      if isAbsence(response) { return .answer(.absent) }
      let kind: Setback.Class = response.status >= 300 ? .refused : .mayHaveArrived
      return .setback(Setback(kind, failure(response, complaint, to: .look)))
    }
  }

  /// An answer that names another task was meant for somebody else.
  private func isAbout(_ token: String, _ task: JSON) -> Bool {
    guard let id = task["id"]?.string else { return true }
    return TaskID.names(id, token)
  }

  /// nil for what has no status.
  private func look(_ task: JSON) -> Look? {
    guard let status = task["status"]?.string else { return nil }
    if status.is("PENDING") { return .pending }
    if status.is("THROTTLED") { return .throttled }
    if status.is("RUNNING") { return .running(permille: AnswerReader.permille(task["progress"])) }
    let cost = AnswerReader.millicredits(task["cost"])
    if status.is("SUCCEEDED") {
      return .succeeded(links: AnswerReader.links(task["output"]), millicredits: cost)
    }
    if status.is("FAILED") {
      let code = PlainText.word(task["failureCode"]?.string, upTo: 127)
      return .failed(ServiceFailure.failure(code: code), millicredits: cost)
    }
    if status.is("CANCELLED") { return .cancelled(millicredits: cost) }
    return .unknown
  }

  /// 0…1 in thousandths; nil for what is no number.
  static func permille(_ progress: JSON?) -> Int? {
    switch progress {
    case .integer(let whole): whole <= 0 ? 0 : 1000
    case .real(let part): part > 0 ? (part < 1 ? Int(part * 1000) : 1000) : 0
    default: nil
    }
  }

  private static let maxLinks = 64

  /// None when anything in the list is no link: the task has succeeded, and asking again will not change what it says.
  static func links(_ output: JSON?) -> [String] {
    guard let output = output?.array, output.count <= maxLinks else { return [] }
    var links: [String] = []
    for link in output {
      guard let link = link.string, link.byteCount > 0 else { return [] }
      links.append(link)
    }
    return links
  }
}
