// What came back, as an answer or a setback. The table of the paid submit is here: a wrong line in it pays twice, or
// calls lost what was refused.

package import Core
package import Transport

extension Wire {
  /// `operation` is what was asked, `now` the seconds since 1970, for a `Retry-After` that is a date.
  package static func reading(
    _ outcome: Outcome, to operation: Operation, service: Service, unixSeconds now: Int64
  ) -> Reply.Outcome {
    let reader = AnswerReader(service: service, now: now)
    switch operation {
    case .submit: return reader.submitted(outcome)
    case .check(let token): return reader.looked(outcome, token)
    case .cancel: return reader.cancelled(outcome)
    case .fetch: return reader.fetched(outcome)
    case .upload:
      // Two requests, whose answers are read in StoragePlace.
      return .setback(Setback(.refused, Failure(.internalError, "an upload has no answer of its own")))
    }
  }

  /// The answer to `account` or `usage`, as the service gave it.
  package static func document(
    _ outcome: Outcome, service: Service, unixSeconds now: Int64
  ) throws(Failure) -> JSON.Object {
    let reader = AnswerReader(service: service, now: now)
    switch outcome {
    case .lost(let loss): throw ServiceError.failure(loss, to: .account, key: service.key)
    case .answered(let response):
      let complaint = Complaint(response, to: .account, key: service.key)
      guard response.status == 200, let object = complaint.json?.object else {
        throw reader.failure(response, complaint, to: .account)
      }
      return object
    }
  }

  /// When the service said it answered, in milliseconds since 1970; whole seconds is all it tells. nil when it does not.
  package static func serverTime(_ outcome: Outcome) -> Int64? {
    guard case .answered(let response) = outcome, let date = response.headers.date else { return nil }
    return RetryAdvice.unixSeconds(ofDate: date).map { $0 * 1000 }
  }
}

struct AnswerReader {
  let service: Service
  let now: Int64

  // MARK: The paid submit

  func submitted(_ outcome: Outcome) -> Reply.Outcome {
    switch outcome {
    case .lost(let loss):
      // Only a request of which no byte was handed to send surely did not count, whatever became of the rest.
      let failure = ServiceError.failure(loss, to: .submit, key: service.key)
      return .setback(Setback(loss.mayHaveSent ? .mayHaveArrived : .neverArrived, failure))
    case .answered(let response): return submitted(response)
    }
  }

  private func submitted(_ response: HTTPResponse) -> Reply.Outcome {
    let complaint = Complaint(response, to: .submit, key: service.key)
    let id = complaint.json?["id"]?.string.flatMap { TaskID($0) }
    if response.status == 200 || response.status == 201, let id {
      let estimate = AnswerReader.millicredits(complaint.json?["estimatedCost"])
      return .answer(.accepted(token: id.token, millicredits: estimate))
    }
    let verdict = verdict(response, complaint)
    var failure = failure(response, complaint, to: .submit, isUnclear: verdict == .unclear)
    if verdict == .refused { failure.retryable = false }
    let kind: Setback.Class = verdict == .unclear ? .mayHaveArrived : .refused
    return .setback(Setback(kind, failure, linkDied: verdict == .refused && lostReference(complaint)))
  }

  /// "Failed to fetch asset": what a reference points at is not there (any more).
  private func lostReference(_ complaint: Complaint) -> Bool {
    guard let issue = complaint.issue else { return false }
    let isAboutOne = issue.location.begins(with: "/referenceImages/") || issue.location.is("/maskUri")
    return isAboutOne && issue.text.asciiLowercase.contains(text: "fetch")
  }

  private enum Verdict {
    case refused
    /// The service says that it did not take it, and that it would later.
    case refusedForNow
    case unclear
  }

  private func verdict(_ response: HTTPResponse, _ complaint: Complaint) -> Verdict {
    switch response.status {
    case 400, 401, 402, 403, 404, 405, 413, 415, 422: return .refused
    case 429: return complaint.text != nil && !complaint.hasID ? .refusedForNow : .unclear
    case 503:
      // A gateway's 503 may come after the service took the task; only the service's own word counts.
      if RetryAdvice.shouldRetry(response.headers) == true { return .refusedForNow }
      return complaint.error != nil && !complaint.hasID ? .refusedForNow : .unclear
    default: return .unclear
    }
  }

  // MARK: Cancel and fetch

  func cancelled(_ outcome: Outcome) -> Reply.Outcome {
    switch outcome {
    case .lost(let loss): return lost(loss, .cancel)
    case .answered(let response):
      if response.status == 204 || response.status == 200 { return .answer(.cancelled) }
      if isAbsence(response) { return .answer(.absent) }
      let complaint = Complaint(response, to: .cancel, key: service.key)
      return .setback(Setback(.refused, failure(response, complaint, to: .cancel)))
    }
  }

  func fetched(_ outcome: Outcome) -> Reply.Outcome {
    switch outcome {
    case .lost(let loss):
      // Another try would be as large, and as forbidden.
      guard loss.reason == .tooLarge || loss.reason == .forbidden else { return lost(loss, .picture) }
      return .setback(Setback(.refused, ServiceError.failure(loss, to: .picture, key: service.key)))
    case .answered(let response) where response.status == 200:
      do throws(Failure) {
        return .answer(.fetched(try Picture(checking: response.body)))
      } catch {
        return .setback(Setback(.mayHaveArrived, error))
      }
    case .answered(let response):
      let isDead = response.status == 403 || response.status == 404 || response.status == 410
      let complaint = Complaint(response, to: .picture, key: service.key)
      return .setback(Setback(.refused, failure(response, complaint, to: .picture), linkDied: isDead))
    }
  }

  // MARK: Parts

  func lost(_ loss: Loss, _ question: Question) -> Reply.Outcome {
    let kind: Setback.Class = loss.mayHaveSent ? .mayHaveArrived : .neverArrived
    return .setback(Setback(kind, ServiceError.failure(loss, to: question, key: service.key)))
  }

  func failure(
    _ response: HTTPResponse, _ complaint: Complaint, to question: Question, isUnclear: Bool = false
  ) -> Failure {
    ServiceError.failure(
      response, complaint, to: question, service: service, unixSeconds: now, isUnclear: isUnclear)
  }

  /// The service knows no such task. A page that a gateway put in its place says nothing about tasks.
  func isAbsence(_ response: HTTPResponse) -> Bool {
    guard response.status == 404 else { return false }
    for byte in response.body.memory where byte > 0x20 { return byte != UInt8(ascii: "<") }
    return true
  }

  /// {"credits": 5} in thousandths. nil for what is no amount: a wrong one would count against a budget.
  static func millicredits(_ cost: JSON?) -> Int64? {
    let most: Int64 = 1_000_000_000
    switch cost?["credits"] {
    case .integer(let credits) where credits >= 0 && credits <= most: return credits * 1000
    case .real(let credits) where credits >= 0 && credits <= Double(most): return Int64(credits * 1000 + 0.5)
    default: return nil
    }
  }
}
