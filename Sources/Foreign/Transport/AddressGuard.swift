// Which addresses an output may come from. A service that names a URL must not make us fetch from the host's own
// network, so everything is refused that is not known to be public.

package enum AddressKind: Sendable {
  case open
  case loopback
  /// Neither; and what it is, for a sentence.
  case refused(StaticString)
}

/// A pure function over the bytes of an address, in network order.
package enum AddressGuard {
  /// Anything but four or sixteen bytes is refused.
  package static func kind(of address: UnsafeRawBufferPointer) -> AddressKind {
    switch address.count {
    case 4: kind(ofIPv4: number(address, at: 0))
    case 16: kind(ofIPv6: address)
    default: .refused("an address of an unknown family")
    }
  }

  // The special-purpose registry of IANA (RFC 6890 and its updates), less loopback.
  @inline(never)
  private static func special(_ address: UInt32) -> StaticString? {
    func isIn(_ prefix: UInt32, _ bits: UInt32) -> Bool { (address ^ prefix) >> (32 - bits) == 0 }
    if isIn(0x0000_0000, 8) { return "an unspecified address" }
    if isIn(0x0A00_0000, 8) || isIn(0xAC10_0000, 12) || isIn(0xC0A8_0000, 16) { return "a private address" }
    if isIn(0x6440_0000, 10) { return "a carrier's private address" }
    if isIn(0xA9FE_0000, 16) { return "a link-local address" }
    if isIn(0xC000_0200, 24) || isIn(0xC633_6400, 24) || isIn(0xCB00_7100, 24) {
      return "an address for documentation"
    }
    if isIn(0xC000_0000, 24) || isIn(0xC058_6300, 24) || isIn(0xC612_0000, 15) { return "a reserved address" }
    if isIn(0xE000_0000, 4) { return "a multicast address" }
    if address == 0xFFFF_FFFF { return "a broadcast address" }
    return isIn(0xF000_0000, 4) ? "a reserved address" : nil
  }

  private static func kind(ofIPv4 address: UInt32) -> AddressKind {
    if address >> 24 == 127 { return .loopback }
    guard let what = special(address) else { return .open }
    return .refused(what)
  }

  private static func kind(ofIPv6 address: UnsafeRawBufferPointer) -> AddressKind {
    let (a, b) = (number(address, at: 0), number(address, at: 4))
    let (c, d) = (number(address, at: 8), number(address, at: 12))
    if a == 0 && b == 0 { return kind(ofLow: c, d) }
    // NAT64: the network turns it into the IPv4 address it carries.
    if a == 0x0064_FF9B && b == 0 && c == 0 { return embedded(d) }
    if a >> 25 == 0xFC00_0000 >> 25 { return .refused("a private address") }
    if a >> 22 == 0xFE80_0000 >> 22 { return .refused("a link-local address") }
    if a >> 22 == 0xFEC0_0000 >> 22 { return .refused("a private address") }
    if a >> 24 == 0xFF { return .refused("a multicast address") }
    // Only 2000::/3 is handed out.
    guard a >> 29 == 0b001 else { return .refused("a reserved address") }
    if a == 0x2001_0DB8 || a >> 12 == 0x3FFF_0 { return .refused("an address for documentation") }
    // 6to4 and Teredo carry the IPv4 address of the machine behind them.
    if a >> 16 == 0x2002 { return embedded(a << 16 | b >> 16) }
    if a == 0x2001_0000 {
      let relay = embedded(b)
      if case .refused = relay { return relay }
      return embedded(~d)
    }
    return a >> 9 == 0x2001_0000 >> 9 ? .refused("a reserved address") : .open
  }

  /// The first eight bytes are zero: `::`, `::1`, and IPv4 in the clothes of IPv6.
  private static func kind(ofLow c: UInt32, _ d: UInt32) -> AddressKind {
    if c == 0x0000_FFFF { return kind(ofIPv4: d) }
    if c == 0 && d == 1 { return .loopback }
    return .refused(c == 0 && d == 0 ? "an unspecified address" : "a reserved address")
  }

  /// A loopback address that would be reached through the network is nobody's.
  private static func embedded(_ address: UInt32) -> AddressKind {
    let kind = kind(ofIPv4: address)
    if case .loopback = kind { return .refused("a loopback address in disguise") }
    return kind
  }

  private static func number(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
    UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16 | UInt32(bytes[offset + 2]) << 8
      | UInt32(bytes[offset + 3])
  }
}
