// Recordings of the official SDK, carried over with what matters of them: what it sent, and what it was answered.

import Foundation
import JSONCodec
import Testing

@testable import Core

struct Exchange {
  let recording: String
  let method: String
  let path: String
  let headers: [String: String]
  let body: String?
  /// nil where the connection was broken instead of an answer.
  let status: Int?
  let answer: String

  var name: String { "\(recording): \(method) \(path)" }
}

enum Golden {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  static let recordings: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }()

  static let exchanges: [Exchange] = recordings.flatMap { read($0) }

  private static func read(_ name: String) -> [Exchange] {
    guard let text = try? String(contentsOf: folder.appending(path: name + ".json"), encoding: .utf8),
      let json = try? JSONCodec.decode(text, what: "golden")
    else {
      Issue.record("\(name).json cannot be read")
      return []
    }
    return (json["exchanges"]?.array ?? []).map { exchange in
      Exchange(
        recording: name, method: exchange["method"]?.string ?? "", path: exchange["path"]?.string ?? "",
        headers: texts(exchange["headers"]), body: exchange["body"]?.string,
        status: exchange["status"]?.integer.map { Int($0) }, answer: written(exchange["answer"]))
    }
  }

  private static func texts(_ json: JSON?) -> [String: String] {
    var texts: [String: String] = [:]
    for member in json?.object?.members ?? [] { texts[member.key] = member.value.string }
    return texts
  }

  /// A recorded string is an answer that was no JSON.
  private static func written(_ answer: JSON?) -> String {
    switch answer {
    case nil, .null: ""
    case .string(let text): text
    case .some(let json): (try? JSONCodec.encode(json).string) ?? ""
    }
  }

  /// Compares with a file of the folder that a person reads; RENEW_GOLDEN=1 writes it instead.
  static func compare(_ text: String, with file: String, source: SourceLocation = #_sourceLocation) throws {
    let url = folder.appending(path: file)
    if ProcessInfo.processInfo.environment["RENEW_GOLDEN"] == "1" {
      try text.write(to: url, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: url, encoding: .utf8)
    let pairs = zip(
      text.split(separator: "\n", omittingEmptySubsequences: false),
      expected.split(separator: "\n", omittingEmptySubsequences: false))
    for (line, wanted) in pairs where line != wanted {
      Issue.record("\(file) has\n\(wanted)\nwhere now comes\n\(line)", sourceLocation: source)
      return
    }
    #expect(text == expected, "\(file) has another length", sourceLocation: source)
  }
}
