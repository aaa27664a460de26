// Requests that libcurl does not have yet. Each would cost it 20 KB there.

internal import Core

/// What was paid for goes first. Downloads go last, and only while they have not taken too many connections.
struct WaitingLine {
  private var paid = Fifo<Exchange>()
  private var asks = Fifo<Exchange>()
  private var fetches = Fifo<Exchange>()

  mutating func append(_ exchange: Exchange) {
    switch exchange.request.purpose {
    case .pay: paid.append(exchange)
    case .ask: asks.append(exchange)
    case .fetch: fetches.append(exchange)
    }
  }

  func hasNext(orFetch: Bool) -> Bool { !paid.isEmpty || !asks.isEmpty || (orFetch && !fetches.isEmpty) }

  mutating func next(orFetch: Bool) -> Exchange? {
    if let exchange = paid.popFirst() ?? asks.popFirst() { return exchange }
    return orFetch ? fetches.popFirst() : nil
  }

  mutating func takeAll(where isTaken: (Exchange) -> Bool) -> [Exchange] {
    paid.takeAll(where: isTaken) + asks.takeAll(where: isTaken) + fetches.takeAll(where: isTaken)
  }
}
