// Requests that libcurl does not have yet. Each would cost it 20 KB there.

internal import Core

/// What was paid for goes first. Pictures go last, and only while they have not taken too many connections.
struct WaitingLine {
  private var paid = Fifo<Exchange>()
  private var asks = Fifo<Exchange>()
  private var pictures = Fifo<Exchange>()

  mutating func append(_ exchange: Exchange) {
    switch exchange.request.purpose {
    case .pay: paid.append(exchange)
    case .ask: asks.append(exchange)
    case .fetch, .store: pictures.append(exchange)
    }
  }

  func hasNext(orPicture: Bool) -> Bool { !paid.isEmpty || !asks.isEmpty || (orPicture && !pictures.isEmpty) }

  mutating func next(orPicture: Bool) -> Exchange? {
    if let exchange = paid.popFirst() ?? asks.popFirst() { return exchange }
    return orPicture ? pictures.popFirst() : nil
  }

  mutating func takeAll(where isTaken: (Exchange) -> Bool) -> [Exchange] {
    var taken: [Exchange] = []
    paid.takeAll(into: &taken, where: isTaken)
    asks.takeAll(into: &taken, where: isTaken)
    pictures.takeAll(into: &taken, where: isTaken)
    return taken
  }
}
