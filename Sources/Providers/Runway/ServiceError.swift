// Why a question to the service went wrong, as a failure a host can act on: which status, whether to ask again, and a
// sentence that says what to do next.

import Core
import Transport

/// What was asked, as far as the sentence depends on it.
enum Question {
  case submit, look, cancel, picture, account
  /// The two requests of an upload: to the API, and to a storage host.
  case place, storage

  /// A host that was shown no key answers it.
  var isForeign: Bool { self == .picture || self == .storage }

  /// Its failure becomes part of a longer sentence.
  var isCause: Bool { self == .place || self == .storage }
}

enum ServiceError {
  /// Room for a sentence in t2i_error, without its NUL.
  private static let maxSentenceBytes = 383
  /// The same for a cause that the law of a task puts into a sentence of its own.
  private static let maxCauseBytes = 280
  private static let maxRequestIDBytes = 64

  private struct Meaning {
    let status: Status
    let what: Sentence
    /// What to do next, from its "; " on.
    let advice: Sentence
    let retryable: Bool

    init(_ status: Status, _ what: Sentence, _ advice: Sentence = "", retryable: Bool = false) {
      self.status = status
      self.what = what
      self.advice = advice
      self.retryable = retryable
    }
  }

  // MARK: An answer that is no success

  /// `isUnclear`: it was a paid submit, and may have counted. Then nothing is said that invites to send it again.
  static func failure(
    _ response: HTTPResponse, _ complaint: Complaint, to question: Question, service: Service,
    unixSeconds now: Int64, isUnclear: Bool = false
  ) -> Failure {
    let meaning =
      question == .picture
      ? host(response.status)
      : question == .storage
        ? storage(response.status) : self.meaning(response.status, complaint, question, service)
    let room = isUnclear || question.isCause ? maxCauseBytes : maxSentenceBytes
    var failure = Failure(meaning.status, sentence(meaning, response, complaint, isUnclear, room))
    failure.http = Int32(clamping: response.status)
    failure.location = complaint.issue?.location ?? ""
    failure.serviceCode = complaint.code ?? ""
    failure.maySpend = isUnclear
    if isUnclear { return failure }
    // What no repetition can heal stays so, whatever a header says.
    let isSettled = meaning.status == .quota || meaning.status == .credits
    failure.retryable = !isSettled && RetryAdvice.shouldRetry(response.headers) ?? meaning.retryable
    failure.retryAfterMilliseconds = RetryAdvice.pause(response.headers, unixSeconds: now)
    return failure
  }

  private static func meaning(
    _ status: Int, _ complaint: Complaint, _ question: Question, _ service: Service
  ) -> Meaning {
    switch status {
    case 400 where isAboutCredits(complaint), 402:
      return Meaning(.credits, "the account has too few credits (\(status))", "; buy some, then submit again")
    case 400, 422:
      return Meaning(
        .rejected, "the service refused the request (\(status))",
        question == .submit ? "; change it and submit again" : "")
    case 401: return Meaning(.auth, "the service does not accept the key (401)", keyAdvice(service))
    case 403:
      return Meaning(
        .auth, "the key may not do this (403)",
        "; check the account, or put another key in RUNWAYML_API_SECRET")
    case 404, 405:
      return Meaning(
        .http, "the address has no such call (\(status))", "; check baseUrl or RUNWAYML_BASE_URL")
    case 413:
      return Meaning(
        .rejected, "the request is too large (413)", "; give references as https:// or runway:// URIs")
    case 415:
      return Meaning(.rejected, "the service does not take the request's format (415)", "; check baseUrl")
    case 429 where complaint.text?.asciiLowercase.contains(text: "daily") == true:
      return Meaning(
        .quota, "the daily limit of the account is reached (429)",
        "; submit again tomorrow, or raise its tier")
    case 429: return Meaning(.rate, "the service asks to be asked less often (429)", later, retryable: true)
    case 300...399:
      return Meaning(
        .http, "the address leads elsewhere (\(status)), which is not followed", "; correct baseUrl")
    case 408, 409, 425:
      return Meaning(.http, "the service has no answer now (\(status))", later, retryable: true)
    case 500...599: return Meaning(.http, "the service is in trouble (\(status))", later, retryable: true)
    case 200...299: return Meaning(.protocolError, "\(unreadable(question)) (\(status))", retryable: true)
    default:
      return Meaning(.http, "the service answered \(status), which means nothing here", "; check baseUrl")
    }
  }

  private static var later: Sentence { "; try again later" }

  private static func keyAdvice(_ service: Service) -> Sentence {
    let hint: StaticString =
      service.keyLooksUsual ? "" : "; this one does not look like key_ and 128 hex digits"
    return "; set RUNWAYML_API_SECRET or apiKey to a valid one\(hint)"
  }

  private static func unreadable(_ question: Question) -> StaticString {
    question == .submit ? "the answer to the submit names no task" : "the service's answer cannot be read"
  }

  /// Of the host that keeps the pictures. It is not the API: it was shown no key, so it cannot refuse one.
  private static func host(_ status: Int) -> Meaning {
    switch status {
    case 403, 404, 410:
      return Meaning(
        .expired, "the link to the picture has died (\(status))", "; the task is read again for a new one")
    case 408, 409, 425, 429, 500...599:
      return Meaning(.http, "the host of the picture is in trouble (\(status))", later, retryable: true)
    default: return Meaning(.http, "the host of the picture answered \(status) instead of the picture")
    }
  }

  /// Of the host that takes uploads. Whatever it refuses, it refuses the place it was given, or the file.
  private static func storage(_ status: Int) -> Meaning {
    switch status {
    case 408, 409, 425, 429, 500...599:
      return Meaning(.http, "the storage host is in trouble (\(status))", later, retryable: true)
    case 300...399:
      return Meaning(.http, "the storage host leads elsewhere (\(status)), which is not followed")
    default: return Meaning(.rejected, "the storage host refused it (\(status))")
    }
  }

  /// Out of credits is a 400 with nothing but a sentence.
  private static func isAboutCredits(_ complaint: Complaint) -> Bool {
    complaint.issue == nil && complaint.error?.asciiLowercase.contains(text: "credits") == true
  }

  /// What happened and what to do, and as much of the service's own words as there is room for: its text, the first
  /// issue, the request id its support asks for, the page it points to.
  private static func sentence(
    _ meaning: Meaning, _ response: HTTPResponse, _ complaint: Complaint, _ isUnclear: Bool, _ most: Int
  ) -> Sentence {
    let advice: Sentence = isUnclear ? "" : meaning.advice
    var room = most
    room -= meaning.what.text.byteCount + advice.text.byteCount
    func fitting(_ piece: Sentence?) -> Sentence {
      guard let piece, piece.text.byteCount <= room else { return "" }
      room -= piece.text.byteCount
      return piece
    }
    let id = PlainText.word(response.headers.requestID, upTo: maxRequestIDBytes)
    let text = fitting(complaint.text.map { ": \($0)" })
    let issue = fitting(
      complaint.issue.map { $0.location.byteCount > 0 ? "; \($0.location): \($0.text)" : "; \($0.text)" })
    let request = fitting(id.map { "; request id \($0)" })
    let page = fitting(complaint.document.map { "; see \($0)" })
    return "\(meaning.what)\(text)\(issue)\(advice)\(request)\(page)"
  }

  // MARK: No answer

  static func failure(_ loss: Loss, to question: Question, key: Secret) -> Failure {
    let isUnclear = question == .submit && loss.mayHaveSent
    let meaning = meaning(loss.reason, question)
    let detail = PlainText.line(loss.detail, upTo: 160, hiding: key)
    let named: Sentence = detail.map { " (\($0))" } ?? ""
    var failure = Failure(meaning.status, "\(meaning.what)\(named)\(meaning.advice)")
    failure.retryable = meaning.retryable && !isUnclear
    failure.maySpend = isUnclear
    failure.http = Int32(clamping: loss.status)
    failure.systemCode = loss.code
    return failure
  }

  private static func meaning(_ reason: Loss.Reason, _ question: Question) -> Meaning {
    let isPicture = question == .picture
    let place: Sentence = question.isForeign ? "; check the network" : "; check the network and baseUrl"
    switch reason {
    case .resolve: return Meaning(.dns, "the host's name has no address", place, retryable: true)
    case .connect: return Meaning(.network, "there is no connection to the host", place, retryable: true)
    case .proxy:
      return Meaning(
        .network, "the proxy gave no way to the host", "; check proxy and noProxy", retryable: true)
    case .tls:
      return Meaning(
        .tls, "there is no secure connection to the host",
        "; check the clock, and caFile where a proxy looks inside TLS")
    case .timeout: return Meaning(.network, "no whole answer came in time", place, retryable: true)
    case .cut: return Meaning(.network, "the connection ended before the answer did", place, retryable: true)
    case .tooLarge:
      return isPicture
        ? Meaning(.limit, "the picture is larger than allowed", "; raise maxOutputBytes")
        : Meaning(.protocolError, "the service's answer is larger than any it should give", "; check baseUrl")
    case .forbidden:
      return Meaning(.protocolError, "the host's address is private, or the URL is one that is not followed")
    case .malformed:
      return Meaning(.protocolError, "what came back is not HTTP as promised", "; check baseUrl and proxy")
    case .memory:
      return Meaning(
        .noMemory, "there is no memory for the answer", "; close tasks whose pictures you no longer need",
        retryable: true)
    case .stopped: return Meaning(.shutdown, "the call was stopped here")
    }
  }
}
