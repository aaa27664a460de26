// What goes over the wire and what comes back, in words of HTTP: nothing of libcurl, nothing of any service.

package import Core

package final class HTTPHeader: Sendable {
  package let name: StaticString
  package let value: String

  package init(_ name: StaticString, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// One request, complete but for what the transport itself adds: Host, Content-Length, User-Agent and the key.
package final class HTTPRequest: Sendable {
  package enum Method: Sendable { case get, post, delete }

  /// Whom it speaks to, and so which rules hold for its connection.
  package enum Purpose: Sendable {
    /// A question to the API: any connection, HTTP/2 where the server has it, no redirect.
    case ask
    /// The POST that may cost money: HTTP/1.1 on a fresh connection, `Expect:` emptied, no redirect; sent once.
    case pay
    /// A picture, from a host the service named: public addresses only, at most three redirects, each one checked.
    case fetch
    /// A form with a file, to a host the service named: public addresses only, no redirect, a connection of its own. It
    /// is sent once.
    case store

    /// To a host that somebody else named, and so without a key.
    package var isForeign: Bool { self == .fetch || self == .store }
  }

  package let purpose: Purpose
  package let method: Method
  /// Absolute.
  package let url: String
  /// In the order they are sent.
  package let headers: [HTTPHeader]
  /// Sent as `Authorization: Bearer …`; never to a foreign host.
  package let key: Secret?
  package let body: String?
  /// Of `.store`, in place of a body.
  package let form: Form?
  /// A longer answer is cut off and lost, in bytes.
  package let answerLimit: Int
  /// From start to last byte.
  package let timeLimit: Span
  /// The answer's `Date` is kept. Every answer has one, and hardly anybody reads it.
  package let keepsDate: Bool

  package init(
    _ purpose: Purpose, _ method: Method, url: String, headers: [HTTPHeader], key: Secret?, body: String?,
    form: Form? = nil, answerLimit: Int, timeLimit: Span, keepsDate: Bool = false
  ) {
    precondition(!purpose.isForeign || key == nil)
    precondition((purpose == .store) == (form != nil))
    self.purpose = purpose
    self.method = method
    self.url = url
    self.headers = headers
    self.key = key
    self.body = body
    self.form = form
    self.answerLimit = answerLimit
    self.timeLimit = timeLimit
    self.keepsDate = keepsDate
  }
}

/// A whole answer: status line, headers and every byte of the body that was promised.
package final class HTTPResponse: Sendable {
  package let status: Int
  package let body: any Bytes
  package let headers: HTTPAnswerHeaders

  package init(status: Int, body: any Bytes, headers: HTTPAnswerHeaders = HTTPAnswerHeaders()) {
    self.status = status
    self.body = body
    self.headers = headers
  }
}

/// Those headers of an answer that somebody reads. Values are as they came, trimmed, at most 1,024 bytes of UTF-8.
package struct HTTPAnswerHeaders: Sendable {
  package var retryAfter: String?
  package var retryAfterMs: String?
  package var shouldRetry: String?
  /// `apigw-requestid`: the service's support asks for it.
  package var requestID: String?
  /// `Date`, where the request keeps it.
  package var date: String?

  package init() {}
}

/// Why no whole answer came.
package final class Loss: Sendable {
  package enum Reason: Sendable {
    /// The name has no address.
    case resolve
    case connect
    /// The proxy could not be reached, or refused the tunnel.
    case proxy
    case tls
    case timeout
    /// The connection ended before the answer did.
    case cut
    /// More than `answerLimit`, or headers beyond reason.
    case tooLarge
    /// The address is private, or the URL is one we do not follow.
    case forbidden
    /// Not HTTP, or not as it promised.
    case malformed
    case memory
    /// We stopped it ourselves.
    case stopped
  }

  package let reason: Reason
  /// At least one byte of the request (not of the handshake, not of CONNECT) may have left this machine.
  package let mayHaveSent: Bool
  /// The status code, where one came; 0 where none did.
  package let status: Int
  /// CURLcode, for the record.
  package let code: Int64
  /// Host and what happened, for a sentence; never a query, never a key.
  package let detail: String

  package init(_ reason: Reason, mayHaveSent: Bool, status: Int = 0, code: Int64 = 0, detail: String) {
    self.reason = reason
    self.mayHaveSent = mayHaveSent
    self.status = status
    self.code = code
    self.detail = detail
  }
}

/// How one request ended.
package enum Outcome: Sendable {
  case answered(HTTPResponse)
  case lost(Loss)
}
