// The door to libcurl: many requests at once, no thread of its own, nothing held for a request that is not on its way.

internal import CCurl
internal import CSys
package import Core
internal import Platform

/// How one request ended, until it is told.
private final class Ended {
  let ticket: Ticket
  let outcome: Outcome

  init(_ ticket: Ticket, _ outcome: Outcome) {
    self.ticket = ticket
    self.outcome = outcome
  }
}

/// Sends requests and says how each ended. All calls come from one thread at a time, the one that turns the loop.
package final class Transport {
  package struct Settings: Sendable {
    /// `http://host:port` and the like; nil for none. The environment is never asked.
    package var proxy: String?
    /// Hosts that are reached without the proxy, as NO_PROXY lists them.
    package var noProxy: String?
    /// Whom to trust, in PEM; nil for what the system trusts.
    package var caFile: String?
    /// Connections at once, beside those of what is paid for: each has one of its own, which is not kept.
    package var maxConnections: Int
    /// The API is on loopback, so outputs may be too, and http is allowed there.
    package var allowsLoopback: Bool
    /// Where outputs may come from through a proxy: names, or `*.` and a name.
    package var allowedOutputHosts: [String]

    package init(
      proxy: String? = nil, noProxy: String? = nil, caFile: String? = nil, maxConnections: Int = 16,
      allowsLoopback: Bool = false,
      allowedOutputHosts: [String] = ["*.cloudfront.net", "*.runwayml.com", "*.amazonaws.com"]
    ) {
      self.proxy = proxy
      self.noProxy = noProxy
      self.caFile = caFile
      self.maxConnections = maxConnections
      self.allowsLoopback = allowsLoopback
      self.allowedOutputHosts = allowedOutputHosts
    }
  }

  /// Handles kept for the next request, some 20 KB each.
  private static let idleHandlesMax = 16
  /// Transfers in libcurl's hands for each connection: HTTP/2 carries many on one.
  private static let transfersPerConnection = 4

  private let settings: Settings
  private let common: EasyHandle.Common
  private let sockets: SocketSet
  private var waiting = WaitingLine()
  private var active: [Transfer] = []
  private var activePictures = 0
  private var idle: [Transfer] = []
  private var ended: [Ended] = []
  /// No deadline comes before it.
  private var earliestDeadline = Instant.never
  private var isStopped = false

  /// Connections opened and requests sent so far.
  package private(set) var connections: Int64 = 0
  package private(set) var requests: Int64 = 0

  /// Throws when libcurl, the proxy or the file of certificates cannot be used, and says which.
  package init(_ settings: Settings) throws(Failure) {
    // First, because Embedded Swift never frees an object whose init throws before every property has a value.
    let setup = try Setup.make(settings)
    self.settings = settings
    common = setup.common
    sockets = setup.sockets
  }

  deinit { stop() }

  /// Readable when `turn` has something to do. At least 3, close-on-exec.
  package var descriptor: Int32 { sockets.descriptor }

  /// Never fails in place: a request that is impossible ends as a loss in a later turn.
  package func send(_ request: HTTPRequest, ticket: Ticket, now: Instant) {
    let exchange = Exchange(request, ticket, deadline: now + request.timeLimit)
    guard !isStopped else {
      let loss = Loss(.stopped, mayHaveSent: false, detail: "the client is closed")
      return ended.append(Ended(ticket, .lost(loss)))
    }
    earliestDeadline = min(earliestDeadline, exchange.deadline)
    waiting.append(exchange)
  }

  /// Stops a transfer; nothing more is heard of it. What may cost money is not stopped once it is on its way.
  package func drop(_ ticket: Ticket) {
    _ = waiting.takeAll { $0.ticket == ticket }
    for (index, transfer) in active.enumerated() where transfer.exchange?.ticket == ticket {
      if transfer.purpose != .pay { retire(index) }
      return
    }
  }

  /// Does what is to be done, calls `ended` for each transfer that ended, and says when it wants the next turn
  /// unless the descriptor becomes readable before.
  package func turn(now: Instant, _ ended: (Ticket, Outcome) -> Void) -> Instant {
    if !isStopped {
      var quiet = Quiet()
      work(now)
      quiet.end()
    }
    let arrived = self.ended
    self.ended = []
    for end in arrived { ended(end.ticket, end.outcome) }
    if !self.ended.isEmpty || canBegin { return now }
    return isStopped ? .never : min(sockets.due, earliestDeadline)
  }

  /// Closes every connection, whatever is on it. Does not wait for a name server that is silent.
  package func stop() {
    guard !isStopped else { return }
    isStopped = true
    var quiet = Quiet()
    waiting = WaitingLine()
    while !active.isEmpty { retire(active.count - 1) }
    idle = []
    sockets.close()
    curl_share_cleanup(common.share)
    quiet.end()
  }

  /// A few rounds, because what libcurl wants to do at once it says through its timer.
  private func work(_ now: Instant) {
    endOverdue(now)
    sockets.serve()
    for _ in 0..<8 {
      collect()
      begin()
      guard sockets.due <= now else { return }
      sockets.ring(now)
    }
    collect()
  }
}

// Beginning and ending.
extension Transport {
  private var transfersMax: Int { settings.maxConnections * Transport.transfersPerConnection }
  /// Slow pictures, down or up, leave connections for everything else.
  private var picturesMax: Int { max(1, settings.maxConnections / 2) }

  private var canBegin: Bool {
    guard !isStopped, active.count < transfersMax else { return false }
    return waiting.hasNext(orPicture: activePictures < picturesMax)
  }

  private func begin() {
    while canBegin, let exchange = waiting.next(orPicture: activePictures < picturesMax) { begin(exchange) }
  }

  private func begin(_ exchange: Exchange) {
    guard let transfer = takeIdle(exchange.request.purpose) else {
      let loss = Loss(.memory, mayHaveSent: false, detail: "no memory for a request")
      return ended.append(Ended(exchange.ticket, .lost(loss)))
    }
    do throws(Target.Refusal) {
      try transfer.prepare(exchange)
      guard sockets.add(transfer) else {
        throw Target.Refusal(reason: .memory, detail: "no memory for a request")
      }
      active.append(transfer)
      if transfer.purpose.isForeign { activePictures += 1 }
    } catch {
      ended.append(Ended(exchange.ticket, transfer.refused(error)))
      keep(transfer)
    }
  }

  /// Ends what libcurl has ended, or sends it where its answer points.
  private func collect() {
    while let (transfer, code) = sockets.nextEnded() {
      guard let index = active.firstIndex(where: { $0 === transfer }) else {
        sockets.remove(transfer)
        continue
      }
      guard let url = transfer.destination(after: code) else {
        end(index, transfer.outcome(of: code))
        continue
      }
      sockets.remove(transfer)
      do throws(Target.Refusal) {
        try transfer.follow(url)
        count(transfer)
        if !sockets.add(transfer) {
          throw Target.Refusal(reason: .memory, detail: "no memory for a request")
        }
      } catch {
        end(index, transfer.refused(error))
      }
    }
  }

  private func count(_ transfer: Transfer) {
    connections += Int64(cc_get_long(transfer.handle.easy, CURLINFO_NUM_CONNECTS))
    if transfer.mayHaveSent { requests += 1 }
  }

  /// libcurl's clock stands still while the machine sleeps, and does not know how long a request has waited here.
  private func endOverdue(_ now: Instant) {
    guard earliestDeadline <= now else { return }
    earliestDeadline = .never
    for index in active.indices.reversed() where isOverdue(active[index].exchange, now) {
      let status = cc_get_long(active[index].handle.easy, CURLINFO_RESPONSE_CODE)
      end(index, active[index].lost(.timeout, "no whole answer within the time limit", status: status))
    }
    for exchange in waiting.takeAll(where: { isOverdue($0, now) }) {
      let loss = Loss(.timeout, mayHaveSent: false, detail: "no connection was free within the time limit")
      ended.append(Ended(exchange.ticket, .lost(loss)))
    }
  }

  /// Notes the deadline of what is not.
  private func isOverdue(_ exchange: Exchange?, _ now: Instant) -> Bool {
    guard let exchange, exchange.deadline > now else { return exchange != nil }
    earliestDeadline = min(earliestDeadline, exchange.deadline)
    return false
  }

  private func end(_ index: Int, _ outcome: Outcome) {
    if let ticket = active[index].exchange?.ticket { ended.append(Ended(ticket, outcome)) }
    retire(index)
  }

  private func retire(_ index: Int) {
    let transfer = active.remove(at: index)
    if transfer.purpose.isForeign { activePictures -= 1 }
    count(transfer)
    sockets.remove(transfer)
    keep(transfer)
  }

  private func keep(_ transfer: Transfer) {
    transfer.finish()
    if idle.count == Transport.idleHandlesMax { idle.removeFirst() }
    idle.append(transfer)
  }

  private func takeIdle(_ purpose: HTTPRequest.Purpose) -> Transfer? {
    if let index = idle.lastIndex(where: { $0.purpose == purpose }) { return idle.remove(at: index) }
    return Transfer(purpose, common, settings)
  }
}
