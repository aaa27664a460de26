// The service's API as two pure functions: an operation becomes an HTTP request, a response becomes an answer or a
// setback (`reading`, in Answers). Nothing here waits, sends or remembers.

package import Core
import JSONCodec
package import Transport

package enum Wire {
  /// The version of the API this is written against (contract, section 1).
  static let version: StaticString = "2024-11-06"

  /// Longer links do not come from any storage host.
  static let maxLinkBytes = 8192

  /// The request for one operation; an upload's first of two, which asks for a place to send the file to. `uploaded` are
  /// the URIs its local references got, in their order; `intent` is the UUID of this submit, the same however often it is
  /// sent.
  ///
  /// Fails with `argument` for a token that is not this service's, with `protocolError` for a link that is not to be
  /// followed, with `state` for references nobody has looked at or uploaded, and with `noMemory`.
  package static func request(
    for operation: Operation, of request: Request, uploaded: [String], intent: String,
    service: Service
  ) throws(Failure) -> HTTPRequest {
    switch operation {
    case .submit:
      guard uploaded.count == request.uploads.count else {
        throw Failure(.state, at: "/referenceImages", "not all references are with the service; submit again")
      }
      let body = try encoded(request.body(uploaded: uploaded))
      return HTTPRequest(
        .pay, .post, url: url("/v1/text_to_image", service),
        headers: headers(hasBody: true) + [HTTPHeader("idempotency-key", intent)], key: service.key,
        body: body,
        answerLimit: service.limits.answerBytes, timeLimit: service.limits.paid)
    case .check(let token): return ask(.get, try taskURL(token, service), service)
    case .cancel(let token): return ask(.delete, try taskURL(token, service), service)
    case .fetch(_, let output, let link):
      try checkLink(link, output, service)
      return HTTPRequest(
        .fetch, .get, url: link, headers: [HTTPHeader("accept", "image/*")], key: nil, body: nil,
        answerLimit: service.limits.pictureBytes, timeLimit: service.limits.fetch)
    case .upload(let reference):
      guard reference < request.parcels.count else {
        throw Failure(
          .state, at: "/referenceImages", "nobody has looked at reference \(reference); submit again")
      }
      return try place(for: request.parcels[reference], service)
    }
  }

  // MARK: Uploads

  /// Asks for a place to send a file to, and for the URI it will have.
  package static func place(for parcel: Parcel, _ service: Service) throws(Failure) -> HTTPRequest {
    var body = JSON.Object()
    body.add("filename", text: parcel.name)
    body.add("type", word: "ephemeral")
    return ask(.post, url("/v1/uploads", service), service, body: try encoded(body))
  }

  /// Sends the file there. `cargo` is what is read while it leaves.
  ///
  /// Fails with `protocolError` for an address that nothing is to be sent to.
  package static func store(
    _ parcel: Parcel, in place: StoragePlace, cargo: any Cargo, _ service: Service
  ) throws(Failure) -> HTTPRequest {
    do throws(Address.Fault) {
      try checkAddress(place.url, service)
    } catch {
      throw Failure(.protocolError, "the service's address for it is not used: it \(error.sentence)")
    }
    let form = Form(fields: place.fields, fileName: parcel.name, mime: parcel.mime, cargo: cargo)
    return HTTPRequest(
      .store, .post, url: place.url, headers: [], key: nil, body: nil, form: form,
      answerLimit: service.limits.answerBytes, timeLimit: service.limits.store(bytes: parcel.size))
  }

  // MARK: The account

  /// Balance, limits and usage of the account the key belongs to.
  package static func account(_ service: Service) -> HTTPRequest {
    ask(.get, url("/v1/organization", service), service, keepsDate: true)
  }

  /// Credits used, by day and model. Dates are "2026-11-22" in UTC, `to` is the first day that does not count; what is
  /// nil is the service's choice (30 days).
  ///
  /// Fails with `argument` for dates that are none, out of order, or more than 90 days apart.
  package static func usage(
    from: String?, to: String?, _ service: Service
  ) throws(Failure) -> HTTPRequest {
    let first = try from.map { day throws(Failure) in try CalendarDay(day, "from") }
    let end = try to.map { day throws(Failure) in try CalendarDay(day, "to") }
    if let first, let end, !(1...90).contains(end.number - first.number) {
      throw Failure(
        .argument, at: "to", "to must be 1 to 90 days after from, is \(end.number - first.number)")
    }
    var body = JSON.Object()
    body.add("beforeDate", text: to)
    body.add("startDate", text: from)
    return ask(.post, url("/v1/organization/usage", service), service, body: try encoded(body))
  }

  // MARK: Parts

  private static func ask(
    _ method: HTTPRequest.Method, _ url: String, _ service: Service, body: String? = nil,
    keepsDate: Bool = false
  ) -> HTTPRequest {
    HTTPRequest(
      .ask, method, url: url, headers: headers(hasBody: body != nil), key: service.key, body: body,
      answerLimit: service.limits.answerBytes, timeLimit: service.limits.look, keepsDate: keepsDate)
  }

  private static func headers(hasBody: Bool) -> [HTTPHeader] {
    let accept = HTTPHeader("accept", "application/json")
    let spoken = HTTPHeader("x-runway-version", String(version))
    return hasBody ? [accept, HTTPHeader("content-type", "application/json"), spoken] : [accept, spoken]
  }

  private static func encoded(_ body: JSON.Object) throws(Failure) -> String {
    try JSONCodec.encode(.object(body)).string
  }

  private static func url(_ path: StaticString, _ service: Service) -> String {
    String(sentence: "\(service.base)\(path)")
  }

  private static func taskURL(_ token: String, _ service: Service) throws(Failure) -> String {
    String(sentence: "\(service.base)/v1/tasks/\(try TaskID(token: token).text)")
  }

  /// By syntax; whether the host's address is a public one is seen when the connection is made.
  private static func checkLink(_ link: String, _ output: Int, _ service: Service) throws(Failure) {
    do throws(Address.Fault) {
      try checkAddress(link, service)
    } catch {
      throw Failure(
        .protocolError, "the service's link to picture \(output) is not followed: it \(error.sentence)")
    }
  }

  private static func checkAddress(_ link: String, _ service: Service) throws(Address.Fault) {
    let address = try Address(link, upTo: maxLinkBytes)
    if address.isSecure || (service.isLoopback && address.isLoopback) { return }
    throw Address.Fault(sentence: "is http; pictures travel over https only")
  }
}
