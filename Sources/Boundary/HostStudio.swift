// What a client whose provider is the host's own does differently: it waits for it to be added, asks it for prices, and
// begins again what ended with its process.

import Core
import Host
import Platform

extension Studio {
  func add(_ craft: Craft, called name: String) throws(Failure) {
    guard let host else {
      throw Failure(
        .state, at: "c",
        "this client's provider is \(provider.name), which is built in; open one whose config names another")
    }
    guard name.equals(host.name) else {
      throw Failure(
        .argument, at: "p.name", "the provider of this client's config is called \"\(host.name)\"; call it so"
      )
    }
    try host.add(craft)
  }

  func requireProvider() throws(Failure) { try host?.require() }

  /// Whether the thread that asks is inside a function of the host's provider.
  var isInsideProvider: @Sendable () -> Bool {
    if let host { return host.isInside }
    return { false }
  }

  /// False when the host was still asked something then; the client is closing all the same.
  func closeForCallers(until deadline: Instant) throws(Failure) -> Bool {
    guard let host else { return true }
    guard !host.isInside() else {
      throw Failure(
        .reentrant, at: "c", "called from inside a function of the provider; return from it first, then close"
      )
    }
    return host.closeForCallers(until: deadline)
  }

  /// What this client's provider charges for it, nil where that is the list price.
  func price(of request: Request) throws(Failure) -> Price? { try host?.price(of: request) ?? price }

  /// What t2i_check reports: a provider of the host's looks at what the catalogue accepts.
  func judged(_ report: Report) throws(Failure) -> JSON {
    guard let host else { return report.json(charging: price) }
    guard let request = report.request, host.isAdded else { return report.json(charging: .unknown) }
    do throws(Failure) { return report.json(charging: try host.price(of: request)) } catch {
      if error.status == .closed { throw error }
      return report.refused(error).json(charging: .unknown)
    }
  }

  /// Where a task from an earlier life stands. What costs nothing ended with its process, so whether it had been begun
  /// does not matter.
  func past(of found: Found) -> Standing {
    var past = found.standing
    if host != nil, past.stage == .submitting, found.opening.price.millicredits == 0 { past.take(.unsent) }
    return past
  }

  /// "name:" and what its provider called the job.
  static func token(_ text: String, of host: HostProvider) throws(Failure) -> String {
    let own = text.bytes.dropFirst(host.name.byteCount + 1)
    guard text.begins(with: host.name), !own.isEmpty, own.count <= HostJob.maxTokenBytes else {
      throw Failure(.argument, at: "token", "a token of this client's provider begins with \"\(host.name):\"")
    }
    guard host.canResume, own.first != UInt8(ascii: "~") else {
      throw Failure(
        .unsupported, at: "token",
        "this task ended with its process, because its provider cannot resume it; submit it again")
    }
    return text
  }
}

extension String {
  /// And a colon.
  fileprivate func begins(with name: String) -> Bool {
    String(bytes.prefix(name.byteCount + 1)).equals(String(sentence: "\(name):"))
  }
}
