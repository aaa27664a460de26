// A server on loopback that says exactly the bytes a test wants said, and knows what it was asked.

import Foundation
import Glibc

/// One accepted connection, for the script that serves it. Blocking.
final class Peer: @unchecked Sendable {
  private let socket: Int32
  private(set) var received: [UInt8] = []
  private var isClosed = false
  private let lock = NSLock()

  init(_ socket: Int32) { self.socket = socket }

  /// Reads up to `limit` bytes more; false when the other side has ended.
  @discardableResult func read(_ limit: Int = 65536) -> Bool {
    var room = [UInt8](repeating: 0, count: limit)
    let count = recv(socket, &room, limit, 0)
    if count > 0 { received += room[..<count] }
    return count > 0
  }

  /// Reads one request whole and returns its text; nil when the other side ends before.
  @discardableResult func request() -> String? {
    while true {
      if let end = endOfRequest() {
        let text = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end)
        return text
      }
      if !read() { return nil }
    }
  }

  private func endOfRequest() -> Int? {
    guard let blank = Data(received).range(of: Data("\r\n\r\n".utf8)) else { return nil }
    let head = String(decoding: received[..<blank.lowerBound], as: UTF8.self).lowercased()
    let length =
      head.components(separatedBy: "content-length: ").dropFirst().first
      .flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
    return received.count >= blank.upperBound + length ? blank.upperBound + length : nil
  }

  @discardableResult func say(_ text: String) -> Bool { say(Array(text.utf8)) }

  @discardableResult func say(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }

  func answer(_ body: String, status: String = "200 OK", headers: String = "") {
    say("HTTP/1.1 \(status)\r\ncontent-length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
  }

  /// Nothing more is said, and nothing of what is in flight is kept.
  func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    close()
  }

  /// Silent until the other side goes away or the server stops.
  func keepSilent() { while read() {} }

  func close() {
    lock.withLock {
      if !isClosed { _ = Glibc.close(socket) }
      isClosed = true
    }
  }

  /// From any thread. A closed number may be somebody else's by now.
  func interrupt() { lock.withLock { if !isClosed { shutdown(socket, Int32(SHUT_RDWR)) } } }
}

/// Listens until it is let go. Every connection gets the script on a thread of its own.
final class Server: @unchecked Sendable {
  let port: Int
  private let listening: Int32
  private let lock = NSLock()
  private var peers: [Peer] = []
  private var asked: [String] = []
  private var isStopped = false

  init(ipv6: Bool = false, _ script: @escaping @Sendable (Server, Peer) -> Void) {
    listening = socket(ipv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    port = Server.listen(on: listening, ipv6: ipv6)
    let listening = self.listening
    Thread { [weak self] in
      while true {
        let accepted = accept(listening, nil, nil)
        guard accepted >= 0, let self else { break }
        let peer = Peer(accepted)
        self.lock.withLock { self.peers.append(peer) }
        Thread {
          script(self, peer)
          peer.close()
        }.start()
      }
      Glibc.close(listening)
    }.start()
  }

  deinit { stop() }

  func stop() {
    lock.withLock {
      if !isStopped { shutdown(listening, Int32(SHUT_RDWR)) }
      isStopped = true
      for peer in peers { peer.interrupt() }
    }
  }

  var url: String { "http://127.0.0.1:\(port)" }
  var connections: Int { lock.withLock { peers.count } }
  /// What scripts have noted.
  var requests: [String] { lock.withLock { asked } }
  func note(_ request: String) { lock.withLock { asked.append(request) } }

  private static func listen(on socket: Int32, ipv6: Bool) -> Int {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &storage) { storage in
      if ipv6 {
        size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let address = UnsafeMutableRawPointer(storage).assumingMemoryBound(to: sockaddr_in6.self)
        address.pointee.sin6_family = sa_family_t(AF_INET6)
        address.pointee.sin6_addr = in6addr_loopback
      } else {
        let address = UnsafeMutableRawPointer(storage).assumingMemoryBound(to: sockaddr_in.self)
        address.pointee.sin_family = sa_family_t(AF_INET)
        address.pointee.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      }
    }
    return withUnsafeMutablePointer(to: &storage) { storage -> Int in
      let address = UnsafeMutableRawPointer(storage).assumingMemoryBound(to: sockaddr.self)
      guard bind(socket, address, size) == 0, Glibc.listen(socket, 256) == 0,
        getsockname(socket, address, &size) == 0
      else { return 0 }
      let bytes = UnsafeRawBufferPointer(start: storage, count: 4)
      return Int(bytes[2]) << 8 | Int(bytes[3])
    }
  }
}
