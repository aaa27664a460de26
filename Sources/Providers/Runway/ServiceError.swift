// Why a question to the service went wrong, as a failure a host can act on: which status, whether to ask again, and a
// sentence that says what to do next.

import Core
import Transport

/// What was asked, as far as the sentence depends on it.
enum Question {
  case submit, look, cancel, picture, account
}

enum ServiceError {
  /// Room for a sentence in t2i_error, without its NUL.
  private static let maxSentenceBytes = 383
  private static let maxRequestIDBytes = 64

  private struct Meaning {
    let status: Status
    let sentence: Sentence
    var retryable = false

    init(_ status: Status, _ sentence: Sentence, retryable: Bool = false) {
      self.status = status
      self.sentence = sentence
      self.retryable = retryable
    }
  }

  // MARK: An answer that is no success

  static func failure(
    _ response: HTTPResponse, _ complaint: Complaint, to question: Question, service: Service,
    unixSeconds now: Int64
  ) -> Failure {
    let meaning =
      question == .picture
      ? host(response.status) : self.meaning(response.status, complaint, question, service)
    var failure = Failure(meaning.status, sentence(meaning.sentence, response, complaint))
    failure.http = Int32(clamping: response.status)
    failure.retryable = RetryAdvice.shouldRetry(response.headers) ?? meaning.retryable
    // What no repetition can heal stays so, whatever a header says.
    if meaning.status == .quota || meaning.status == .credits { failure.retryable = false }
    failure.retryAfterMilliseconds = RetryAdvice.pause(response.headers, unixSeconds: now)
    failure.location = complaint.issue?.location ?? ""
    failure.serviceCode = complaint.code ?? ""
    return failure
  }

  private static func meaning(
    _ status: Int, _ complaint: Complaint, _ question: Question, _ service: Service
  ) -> Meaning {
    switch status {
    case 400 where isAboutCredits(complaint), 402:
      return Meaning(.credits, "the account has too few credits (\(status)); buy some, then submit again")
    case 400, 422: return Meaning(.rejected, "the service refused the request (\(status)); change it")
    case 401:
      let hint: Sentence =
        service.keyLooksUsual ? "" : "; this one does not look like key_ and 128 hex digits"
      return Meaning(
        .auth, "the service does not accept the key (401); set RUNWAYML_API_SECRET or apiKey to a valid one\(hint)")
    case 403:
      return Meaning(
        .auth, "the key may not do this (403); check the account, or put another key in RUNWAYML_API_SECRET")
    case 404, 405:
      return Meaning(.http, "the address has no such call (\(status)); check baseUrl or RUNWAYML_BASE_URL")
    case 413:
      return Meaning(.rejected, "the request is too large (413); send references by https:// instead of data:")
    case 415: return Meaning(.rejected, "the service does not take the request's format (415); check baseUrl")
    case 429 where complaint.text?.asciiLowercase.contains(text: "daily") == true:
      return Meaning(
        .quota, "the daily limit of the account is reached (429); submit again tomorrow, or raise its tier")
    case 429: return Meaning(.rate, "the service asks to be asked less often (429)", retryable: true)
    case 300...399:
      return Meaning(.http, "the address leads elsewhere (\(status)), which is not followed; correct baseUrl")
    case 408, 409, 425: return Meaning(.http, "the service asks for another try (\(status))", retryable: true)
    case 500...599: return Meaning(.http, "the service is in trouble (\(status))", retryable: true)
    case 200...299: return Meaning(.protocolError, "\(unreadable(question)) (\(status))", retryable: true)
    default: return Meaning(.http, "the service answered \(status), which means nothing here; check baseUrl")
    }
  }

  private static func unreadable(_ question: Question) -> StaticString {
    question == .submit ? "the answer to the submit names no task" : "the service's answer cannot be read"
  }

  /// Of the host that keeps the pictures. It is not the API: it was shown no key, so it cannot refuse one.
  private static func host(_ status: Int) -> Meaning {
    switch status {
    case 403, 404, 410:
      return Meaning(.expired, "the link to the picture has died (\(status)); the task is read again for a new one")
    case 408, 409, 425, 429, 500...599:
      return Meaning(.http, "the host of the picture is in trouble (\(status))", retryable: true)
    default: return Meaning(.http, "the host of the picture answered \(status) instead of the picture")
    }
  }

  /// Out of credits is a 400 with nothing but a sentence.
  private static func isAboutCredits(_ complaint: Complaint) -> Bool {
    complaint.issue == nil && complaint.error?.asciiLowercase.contains(text: "credits") == true
  }

  /// What happened and what to do, then as much of the service's own words as there is room for: its text, the first
  /// issue, the request id its support asks for, the page it points to.
  private static func sentence(
    _ meaning: Sentence, _ response: HTTPResponse, _ complaint: Complaint
  ) -> Sentence {
    var whole = meaning
    func add(_ piece: Sentence?) {
      guard let piece else { return }
      let longer: Sentence = "\(whole)\(piece)"
      if longer.text.byteCount <= maxSentenceBytes { whole = longer }
    }
    let id = PlainText.word(response.headers.requestID, upTo: maxRequestIDBytes)
    add(complaint.text.map { ": \($0)" })
    add(complaint.issue.map { $0.location.byteCount > 0 ? "; \($0.location): \($0.text)" : "; \($0.text)" })
    add(id.map { "; request id \($0)" })
    add(complaint.document.map { "; see \($0)" })
    return whole
  }

  // MARK: No answer

  static func failure(_ loss: Loss, to question: Question, key: Secret) -> Failure {
    let meaning = meaning(loss.reason, question)
    let detail = PlainText.line(loss.detail, upTo: 160, hiding: key)
    let named: Sentence = detail.map { " (\($0))" } ?? ""
    var failure = Failure(meaning.status, "\(meaning.sentence)\(named)\(advice(loss.reason, question))")
    failure.retryable = meaning.retryable
    failure.http = Int32(clamping: loss.status)
    failure.systemCode = loss.code
    return failure
  }

  private static func meaning(_ reason: Loss.Reason, _ question: Question) -> Meaning {
    switch reason {
    case .resolve: Meaning(.dns, "the host's name has no address", retryable: true)
    case .connect: Meaning(.network, "there is no connection to the host", retryable: true)
    case .proxy: Meaning(.network, "the proxy gave no way to the host", retryable: true)
    case .tls: Meaning(.tls, "there is no secure connection to the host")
    case .timeout: Meaning(.network, "no whole answer came in time", retryable: true)
    case .cut: Meaning(.network, "the connection ended before the answer did", retryable: true)
    case .tooLarge:
      question == .picture
        ? Meaning(.limit, "the picture is larger than allowed")
        : Meaning(.protocolError, "the service's answer is larger than any it should give")
    case .forbidden: Meaning(.protocolError, "the address is one that is not spoken to")
    case .malformed: Meaning(.protocolError, "what came back is not HTTP as promised")
    case .memory: Meaning(.noMemory, "there is no memory for the answer", retryable: true)
    case .stopped: Meaning(.shutdown, "the call was stopped here")
    }
  }

  private static func advice(_ reason: Loss.Reason, _ question: Question) -> StaticString {
    switch reason {
    case .resolve, .connect: question == .picture ? "; check the network" : "; check the network and baseUrl"
    case .proxy: "; check proxy and noProxy"
    case .tls: "; check the clock, and caFile where a proxy looks inside TLS"
    case .tooLarge: question == .picture ? "; raise maxOutputBytes" : "; check baseUrl"
    case .malformed: "; check baseUrl and proxy"
    case .memory: "; close tasks whose pictures you no longer need"
    case .timeout, .cut, .forbidden, .stopped: ""
    }
  }
}
