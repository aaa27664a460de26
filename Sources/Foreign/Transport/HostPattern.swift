// Lists of hosts as people write them: those that an output may come from, and those that no proxy is asked for.

internal import CSys
internal import Core

package enum HostPattern {
  /// `*.example.com` is every name below example.com; all else is one name. Case and a last dot do not count.
  package static func match(_ host: String, _ patterns: [String]) -> Bool {
    let host = canonical(host)
    for pattern in patterns where matches(host, canonical(pattern)) { return true }
    return false
  }

  private static func matches(_ host: String, _ pattern: String) -> Bool {
    if !pattern.begins(with: "*.") { return host.equals(pattern) }
    return host.ends(with: pattern.bytes.dropFirst()) && host.byteCount > pattern.byteCount - 1
  }

  /// In lower case and without the dot that only says that the name is whole.
  static func canonical(_ host: String) -> String {
    var bytes: [UInt8] = []
    for byte in host.bytes {
      let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
      bytes.append(isUpper ? byte | 0x20 : byte)
    }
    if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
    return String(bytes[...])
  }
}

/// NO_PROXY as curl reads it: names with all below them, addresses, blocks of addresses such as 10.0.0.0/8, or `*`.
///
/// It is decided here and not by libcurl because what an output's host may be depends on the answer.
package enum ProxyExceptions {
  package static func include(_ host: String, in list: String) -> Bool {
    let host = HostPattern.canonical(host)
    let address = IPAddress.bytes(of: host)
    var rest = list.bytes
    while !rest.isEmpty {
      var entry = rest
      for (index, byte) in zip(rest.indices, rest)
      where byte == UInt8(ascii: ",") || byte <= UInt8(ascii: " ") {
        entry = rest[..<index]
        break
      }
      rest = rest.dropFirst(entry.count + 1)
      if !entry.isEmpty && include(host, address, entry) { return true }
    }
    return false
  }

  private static func include(_ host: String, _ address: [UInt8]?, _ entry: ArraySlice<UInt8>) -> Bool {
    if entry.count == 1 && entry.first == UInt8(ascii: "*") { return true }
    if let address { return include(address, entry) }
    let isBelow = entry.first == UInt8(ascii: ".")
    let name = HostPattern.canonical(String(isBelow ? entry.dropFirst() : entry))
    return host.equals(name) || host.ends(with: [UInt8(ascii: ".")] + name.bytes)
  }

  private static func include(_ address: [UInt8], _ entry: ArraySlice<UInt8>) -> Bool {
    var base = entry
    var bits = address.count * 8
    for (index, byte) in zip(entry.indices, entry) where byte == UInt8(ascii: "/") {
      base = entry[..<index]
      guard let number = bitCount(entry[(index + 1)...]), number <= bits else { return false }
      bits = number
      break
    }
    guard let block = IPAddress.bytes(of: String(base)), block.count == address.count else { return false }
    for bit in 0..<bits {
      if (block[bit / 8] ^ address[bit / 8]) & (0x80 >> UInt8(bit % 8)) != 0 { return false }
    }
    return true
  }

  private static func bitCount(_ digits: ArraySlice<UInt8>) -> Int? {
    guard digits.count >= 1, digits.count <= 3 else { return nil }
    var number = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      number = number * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return number
  }
}

extension String {
  fileprivate func ends(with suffix: ArraySlice<UInt8>) -> Bool {
    let own = bytes
    guard own.count >= suffix.count else { return false }
    for (mine, other) in zip(own.suffix(suffix.count), suffix) where mine != other { return false }
    return true
  }
}
