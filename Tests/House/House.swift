// The house as text. The rules in this folder read it as a reviewer would, so that nobody has to remember them.

import Foundation

struct SourceFile: Sendable, CustomStringConvertible {
  /// From the root of the repository on.
  let path: String
  let text: String

  var name: String { String(path.split(separator: "/").last ?? "") }
  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
  var description: String { path }
  /// Without what follows `//` in a line. It cuts a URL in a string too, which no rule looks for.
  let code: String

  init(path: String, text: String) {
    self.path = path
    self.text = text
    code = text.components(separatedBy: "\n").map { $0.components(separatedBy: "//")[0] }.joined(
      separator: "\n")
  }
}

enum House {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every text file a person wrote: not what a build or an interpreter left behind.
  static let files: [SourceFile] = {
    let skipped: Set = [".git", "dist", "__pycache__", ".swiftpm"]
    var found: [SourceFile] = []
    func look(in folder: URL, _ path: String) {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted() ?? [] {
        if skipped.contains(name) || name.hasPrefix(".build") { continue }
        let url = folder.appending(path: name)
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        if isFolder.boolValue {
          look(in: url, path + name + "/")
        } else if let text = try? String(contentsOf: url, encoding: .utf8), !text.utf8.contains(0) {
          found.append(SourceFile(path: path + name, text: text))
        }
      }
    }
    look(in: root, "")
    return found
  }()

  static func files(under folders: String..., ending: String = "") -> [SourceFile] {
    files.filter { file in
      file.path.hasSuffix(ending) && folders.contains { file.path.hasPrefix($0 + "/") }
    }
  }

  static func file(_ path: String) -> SourceFile {
    files.first { $0.path == path } ?? SourceFile(path: path, text: "")
  }

  /// The Swift that ships.
  static let shipped = files(under: "Sources", ending: ".swift")

  /// While a room is only marked out, the rules about what stands in it wait.
  static let boundaryIsBuilt = file("Sources/Boundary/Placeholder.swift").text.isEmpty

  static let header = Header(file("include/t2i.h").text)
}

/// What the rules want to know of include/t2i.h.
struct Header {
  struct Section: Equatable {
    var title: String
    var announced: Int
    var functions: [String] = []

    /// "before paying" is kept in BeforePaying.swift.
    var fileName: String {
      title.split(separator: " ").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + ".swift"
    }
  }

  /// In the header's order. A section begins with `/* ---- title (number of functions) ---- */`.
  var sections: [Section] = []
  var functions: [String] { sections.flatMap(\.functions) }
  /// T2I_OK and all that follow it, without their prefix.
  var statuses: [String: Int] = [:]

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      if let match = line.firstMatch(of: /^\/\* -{4} ([a-z ]+?) \(([0-9]+)\)/) {
        sections.append(Section(title: String(match.1), announced: Int(match.2) ?? -1))
      } else if let match = line.firstMatch(of: /^T2I_API .*?\b(t2i_[a-z0-9_]+)\(/) {
        if sections.isEmpty { sections.append(Section(title: "", announced: 0)) }
        sections[sections.count - 1].functions.append(String(match.1))
      }
    }
    for match in text.matches(
      of: /\bT2I_(?:E_([A-Z0-9]+)|(OK|PENDING|TIMEOUT|WOKEN|EMPTY|MORE)) = (-?[0-9]+)/)
    {
      guard let name = match.1 ?? match.2 else { continue }
      statuses[String(name)] = Int(match.3)
    }
  }
}
