// Every block of addresses that is not public, at its first and last address and just outside.

import Foundation
import Glibc
import Testing

@testable import Transport

private func kind(_ text: String) -> String {
  guard let bytes = IPAddress.bytes(of: text) else { return "a name" }
  return switch bytes.withUnsafeBytes({ AddressGuard.kind(of: $0) }) {
  case .open: "open"
  case .loopback: "loopback"
  case .refused(let what): "\(what)"
  }
}

@Suite struct AddressGuardTests {
  @Test(arguments: [
    ("0.0.0.0", "0.255.255.255", "an unspecified address"),
    ("10.0.0.0", "10.255.255.255", "a private address"),
    ("172.16.0.0", "172.31.255.255", "a private address"),
    ("192.168.0.0", "192.168.255.255", "a private address"),
    ("100.64.0.0", "100.127.255.255", "a carrier's private address"),
    ("127.0.0.0", "127.255.255.255", "loopback"), ("169.254.0.0", "169.254.255.255", "a link-local address"),
    ("192.0.0.0", "192.0.0.255", "a reserved address"),
    ("192.0.2.0", "192.0.2.255", "an address for documentation"),
    ("192.88.99.0", "192.88.99.255", "a reserved address"),
    ("198.18.0.0", "198.19.255.255", "a reserved address"),
    ("198.51.100.0", "198.51.100.255", "an address for documentation"),
    ("203.0.113.0", "203.0.113.255", "an address for documentation"),
    ("224.0.0.0", "239.255.255.255", "a multicast address"),
    ("240.0.0.0", "255.255.255.254", "a reserved address"),
    ("255.255.255.255", "255.255.255.255", "a broadcast address"), ("::", "::", "an unspecified address"),
    ("::1", "::1", "loopback"), ("::2", "::ffff:ffff", "a reserved address"),
    ("::1:0:0", "::fffe:ffff:ffff", "a reserved address"),
    ("::1:0:0:0", "0:0:0:0:ffff:ffff:ffff:ffff", "a reserved address"),
    ("::ffff:10.0.0.0", "::ffff:10.255.255.255", "a private address"),
    ("::ffff:127.0.0.1", "::ffff:127.1.2.3", "loopback"),
    ("64:ff9b::10.1.2.3", "64:ff9b::192.168.0.1", "a private address"),
    ("64:ff9b::7f00:1", "64:ff9b::127.255.0.1", "a loopback address in disguise"),
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "a reserved address"),
    ("2002:0a00:0001::", "2002:c0a8:0101::1", "a private address"),
    ("2002:7f00:0001::", "2002:7f00:0001::1", "a loopback address in disguise"),
    // Teredo writes the address behind it upside down.
    ("2001:0:808:808::f5ff:fffe", "2001:0:808:808::3f57:fefe", "a private address"),
    ("2001:0:a00:1::f7f7:f7f7", "2001:0:a00:1::", "a private address"),
    ("2001:2::", "2001:2::1", "a reserved address"), ("2001:10::", "2001:1ff:ffff::", "a reserved address"),
    ("2001:db8::", "2001:db8:ffff::1", "an address for documentation"),
    ("3fff::", "3fff:fff::1", "an address for documentation"), ("100::", "100::1", "a reserved address"),
    ("4000::", "5fff::", "a reserved address"), ("fc00::", "fdff:ffff::", "a private address"),
    ("fe80::", "febf:ffff::", "a link-local address"), ("fec0::", "feff:ffff::", "a private address"),
    ("ff00::", "ffff:ffff::", "a multicast address"),
  ])
  func whatIsNotPublicIsKnown(first: String, last: String, what: String) {
    #expect(kind(first) == what)
    #expect(kind(last) == what)
  }

  @Test(arguments: [
    "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0",
    "192.88.98.255",
    "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255",
    "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "8.8.8.8", "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8", "2002:808:808::1", "2001:0:808:808::f7f7:f7f7", "2001:200::", "2600::",
    "2a00:1450::1",
    "3ffe::", "2001:db7::", "2001:db9::",
  ])
  func whatIsPublicIsOpen(address: String) {
    #expect(kind(address) == "open")
  }

  @Test func whatIsNoAddressIsRefused() {
    for count in [0, 3, 5, 15, 17] {
      let bytes = [UInt8](repeating: 8, count: count)
      let isRefused = bytes.withUnsafeBytes {
        if case .refused = AddressGuard.kind(of: $0) { true } else { false }
      }
      #expect(isRefused, "\(count) bytes")
    }
  }

  @Test(arguments: [
    ("example.com", "example.com", true), ("a.example.com", "example.com", true),
    ("a.example.com", ".example.com", true), ("badexample.com", "example.com", false),
    ("EXAMPLE.com.", "example.COM", true), ("example.com", "*", true), ("example.com", "", false),
    ("example.com", "other.org, example.com", true), ("example.com", "a.example.com", false),
    ("10.1.2.3", "10.0.0.0/8", true), ("11.1.2.3", "10.0.0.0/8", false), ("10.1.2.3", "10.1.2.3", true),
    ("10.1.2.3", "10.1.2.3/33", false), ("10.1.2.3", "0.0.0.0/0", true), ("10.1.2.3", "10.1.2.3/", false),
    ("[2a00::1]", "2a00::/16", true), ("[2a00::1]", "10.0.0.0/8", false), ("1.2.3.4", "3.4", false),
  ])
  func aProxyIsLeftOutWhereTheListSaysSo(host: String, list: String, isIncluded: Bool) {
    #expect(ProxyExceptions.include(host, in: list) == isIncluded)
  }

  @Test(arguments: [
    ("d1.cloudfront.net", true), ("a.b.CloudFront.net.", true), ("cloudfront.net", false),
    ("evilcloudfront.net", false), ("cloudfront.net.evil.org", false), ("files.example", true),
    ("a.files.example", false),
  ])
  func aPatternOfHostsMatchesWholeNames(host: String, matches: Bool) {
    #expect(HostPattern.match(host, ["*.cloudfront.net", "files.example"]) == matches)
  }
}
