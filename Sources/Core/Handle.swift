// Names of things that outlive any pointer. A host keeps a number; whether the thing still exists is asked at each
// call, so a stale, forged or foreign number is an error and never a crash.

/// A number below 2^53 (a double, and so JavaScript and Lua, holds it exactly): 3 bits of kind, 30 bits of serial,
/// 20 bits of slot.
package struct Handle: Hashable, Sendable {
  package enum Kind: UInt64, Sendable {
    case client = 1
    case task = 2
    /// A task as a provider of the host's sees it.
    case job = 3
  }

  package static let slotBits: UInt64 = 20
  package static let serialBits: UInt64 = 30

  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package init(_ kind: Kind, slot: Int, serial: UInt64) {
    let shortened = serial & (1 << Handle.serialBits - 1)
    rawValue = (kind.rawValue << Handle.serialBits | shortened) << Handle.slotBits | UInt64(slot)
  }

  package var kind: Kind? { Kind(rawValue: rawValue >> (Handle.slotBits + Handle.serialBits)) }
  package var slot: Int { Int(rawValue & (1 << Handle.slotBits - 1)) }
}

/// Values by handle: the slot finds the place, the whole number proves it is still the same thing.
package struct HandleTable<Value> {
  private struct Place {
    var handle: Handle?
    var value: Value?
  }

  private var places: [Place] = []
  private var free: [Int] = []
  package private(set) var count = 0

  package init() {}

  /// nil when every slot is taken (2^20 of them).
  package mutating func insert(_ kind: Handle.Kind, serial: UInt64, _ value: Value) -> Handle? {
    let slot: Int
    if let reused = free.popLast() {
      slot = reused
    } else {
      guard places.count < 1 << Int(Handle.slotBits) else { return nil }
      slot = places.count
      places.append(Place())
    }
    let handle = Handle(kind, slot: slot, serial: serial)
    places[slot] = Place(handle: handle, value: value)
    count += 1
    return handle
  }

  package subscript(handle: Handle) -> Value? {
    get { slot(of: handle).flatMap { places[$0].value } }
    set {
      guard let slot = slot(of: handle) else { return }
      places[slot].value = newValue
    }
  }

  /// Changes a value in its place, without a copy. nil when the handle is stale.
  package mutating func update<Result>(_ handle: Handle, _ change: (inout Value) -> Result) -> Result? {
    guard let slot = slot(of: handle), places[slot].value != nil else { return nil }
    return change(&places[slot].value!)
  }

  @discardableResult
  package mutating func remove(_ handle: Handle) -> Value? {
    guard let slot = slot(of: handle) else { return nil }
    let value = places[slot].value
    places[slot] = Place()
    free.append(slot)
    count -= 1
    return value
  }

  /// In slot order, which is not the order of insertion.
  package func forEach(_ body: (Handle, Value) -> Void) {
    for place in places {
      if let handle = place.handle, let value = place.value { body(handle, value) }
    }
  }

  private func slot(of handle: Handle) -> Int? {
    handle.slot < places.count && places[handle.slot].handle == handle ? handle.slot : nil
  }
}
