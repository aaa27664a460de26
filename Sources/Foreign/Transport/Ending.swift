// How a transfer ended, from libcurl's code to words of HTTP.

internal import CCurl
internal import CSys
internal import Core
internal import Platform

extension Transfer {
  /// Where the answer sends us on to; nil where it does not, or nobody follows.
  func destination(after code: CURLcode) -> String? {
    guard code == CURLE_OK, purpose == .fetch,
      let url = cc_get_text(handle.easy, CURLINFO_REDIRECT_URL)
    else { return nil }
    return String(utf8: UnsafeRawBufferPointer(start: url, count: strlen(url)))
  }

  func outcome(of code: CURLcode) -> Outcome {
    let status = cc_get_long(handle.easy, CURLINFO_RESPONSE_CODE)
    if code != CURLE_OK { return .lost(loss(code, status: status)) }
    guard status >= 200 else {
      return lost(.malformed, "the answer ends before its final status", status: status)
    }
    guard answer.hasAllHeaders else {
      return lost(.cut, "the answer ends before its headers do", status: status)
    }
    guard let body = takeBody() else { return lost(.memory, "no memory for the answer", status: status) }
    return .answered(HTTPResponse(status: status, body: body, headers: answer.headers))
  }

  /// What we ended ourselves.
  func lost(_ reason: Loss.Reason, _ what: Sentence, status: Int = 0) -> Outcome {
    let detail = String(sentence: "\(target?.host ?? ""): \(what)")
    return .lost(Loss(reason, mayHaveSent: mayHaveSent, status: status, detail: detail))
  }

  func refused(_ refusal: Target.Refusal) -> Outcome {
    .lost(Loss(refusal.reason, mayHaveSent: mayHaveSent, detail: refusal.detail))
  }

  private func loss(_ code: CURLcode, status: Int) -> Loss {
    let number = Int64(code.rawValue)
    if let refusal, code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK {
      return Loss(
        refusal.reason, mayHaveSent: mayHaveSent, status: status, code: number, detail: refusal.detail)
    }
    let detail = String(sentence: "\(target?.host ?? ""): \(handle.explanation(of: code))")
    return Loss(reason(of: code), mayHaveSent: mayHaveSent, status: status, code: number, detail: detail)
  }

  private func reason(of code: CURLcode) -> Loss.Reason {
    switch code {
    case CURLE_WRITE_ERROR: return answer.hasNoMemory ? .memory : .tooLarge
    case CURLE_FILESIZE_EXCEEDED: return .tooLarge
    case CURLE_OUT_OF_MEMORY: return .memory
    case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: return .proxy
    case CURLE_COULDNT_RESOLVE_HOST: return .resolve
    case CURLE_OPERATION_TIMEDOUT: return .timeout
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED:
      return .tls
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: return .malformed
    case CURLE_URL_MALFORMAT: return .forbidden
    default: break
    }
    // The tunnel stands before the request is sent; what breaks until then is the proxy's.
    if !mayHaveSent { return target?.isThroughProxy == true ? .proxy : .connect }
    return .cut
  }
}
