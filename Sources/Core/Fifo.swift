// First in, first out, without moving what waits.

package struct Fifo<Element> {
  /// What was taken is nil, so that nothing is kept alive by having waited here.
  private var items: [Element?] = []
  private var head = 0

  package init() {}

  package var isEmpty: Bool { head == items.count }
  package var count: Int { items.count - head }

  package mutating func append(_ item: Element) { items.append(item) }

  /// Takes what is not to wait any longer, in order; looks at every item once.
  @inline(never)
  package mutating func takeAll(into taken: inout [Element], where isTaken: (Element) -> Bool) {
    var kept: [Element?] = []
    for index in head..<items.count {
      guard let item = items[index] else { continue }
      if isTaken(item) { taken.append(item) } else { kept.append(item) }
    }
    (items, head) = (kept, 0)
  }

  package mutating func popFirst() -> Element? {
    guard head < items.count else { return nil }
    let item = items[head]
    items[head] = nil
    head += 1
    if head == items.count {
      items = []
      head = 0
    } else if head >= 1024 && head * 2 >= items.count {
      // The gaps are closed in one sweep per doubling, so each item is moved once on average.
      var waiting: [Element?] = []
      for index in head..<items.count { waiting.append(items[index]) }
      (items, head) = (waiting, 0)
    }
    return item
  }
}
