// A file is read in one sitting, a function on one page. Baked data is not read.

import Testing

private let fileLinesMax = 400
/// The header is one contract of some forty functions, each with all that its caller must know.
private let headerLinesMax = 700
private let functionLinesMax = 60
private let toolColumnsMax = 120
private let baked: Set = [
  "Sources/Foreign/CCatalogue/catalogue.json", "Sources/Foreign/CCatalogue/catalogue.c",
  "Tests/Core/Golden/task-machine.txt", "Tests/Sketch/coverage.txt",
]

/// The functions of a formatted file that are longer than a page: the closing brace stands where the first word does.
private func longFunctions(_ lines: [Substring]) -> [String] {
  var found: [String] = []
  for (start, line) in lines.enumerated() {
    guard line.contains("func ") || line.contains("init") else { continue }
    guard let match = line.firstMatch(of: /^( *)(?:@?[\w()]+ )*(?:func |init[(?<]|deinit )/) else { continue }
    guard let opening = lines[start...].firstIndex(where: { $0.contains("{") }) else { continue }
    if lines[opening].hasSuffix("}") { continue }
    let closing = match.1 + "}"
    guard let end = lines[opening...].firstIndex(where: { $0 == closing }) else { continue }
    if end - start + 1 > functionLinesMax {
      found.append("\(line.drop { $0 == " " }): \(end - start + 1) lines")
    }
  }
  return found
}

/// The functions of a C file that are longer than a page: both braces of a body stand in fixed places.
private func longFunctionsInC(_ lines: [Substring]) -> [String] {
  var found: [String] = []
  for (start, line) in lines.enumerated() {
    guard line.firstMatch(of: /^[A-Za-z_].*\(/) != nil, !line.hasSuffix(";") else { continue }
    guard let opening = lines[start...].firstIndex(where: { $0.hasSuffix("{") || $0.hasSuffix(";") }),
      lines[opening].hasSuffix("{"), let end = lines[opening...].firstIndex(of: "}")
    else { continue }
    if end - start + 1 > functionLinesMax { found.append("\(line): \(end - start + 1) lines") }
  }
  return found
}

@Suite struct SizeTests {
  @Test func noFileIsLongerThan400Lines() {
    for file in House.files(under: "Sources", "Tests", "include", "bindings") where !baked.contains(file.path)
    {
      let count = file.lines.count - (file.text.hasSuffix("\n") ? 1 : 0)
      let most = file.path == "include/t2i.h" ? headerLinesMax : fileLinesMax
      #expect(count <= most, "\(file) has \(count) lines")
    }
  }

  @Test func whatIsExceptedExists() {
    for path in baked { #expect(House.files.contains { $0.path == path }, "\(path) is excepted for nothing") }
  }

  @Test func noFunctionIsLongerThanAPage() {
    for file in House.files(under: "Sources", "Tests", ending: ".swift") {
      #expect(longFunctions(file.lines) == [], "\(file)")
    }
  }

  @Test func noFunctionOfTheToolIsLongerThanAPage() {
    let files = House.files(under: "Sources/t2i", ending: ".c")
    #expect(!files.isEmpty)
    for file in files {
      #expect(longFunctionsInC(file.lines) == [], "\(file)")
      #expect(file.lines.allSatisfy { $0.count <= toolColumnsMax }, "\(file)")
    }
  }

  @Test func everyFileOfTheToolOpensWithWhyItExists() {
    for ending in [".c", ".h"] {
      for file in House.files(under: "Sources/t2i", ending: ending) {
        #expect(file.text.hasPrefix("/* "), "\(file)")
      }
    }
  }

  @Test func everyFileOpensWithWhyItExists() {
    for file in House.files(under: "Sources", "Tests", ending: ".swift")
    where file.name != "Placeholder.swift" {
      #expect(file.text.hasPrefix("// "), "\(file)")
    }
  }

  @Test func aFunctionOf61LinesIsSeen() {
    func function(lines: Int) -> [Substring] {
      ["  package static func f(", "    a: Int", "  ) {"] + Array(repeating: "    g()", count: lines - 4) + [
        "  }"
      ]
    }
    #expect(longFunctions(function(lines: 61)).count == 1)
    #expect(longFunctions(function(lines: 60)) == [])
    #expect(longFunctions(["  func f() { g() }"] + function(lines: 60)) == [])

    func functionInC(lines: Int) -> [Substring] {
      ["static int f(int a,", "             int b) {"] + Array(repeating: "  g();", count: lines - 3) + ["}"]
    }
    #expect(longFunctionsInC(functionInC(lines: 61)).count == 1)
    #expect(longFunctionsInC(["int f(void);", "enum { A };"] + functionInC(lines: 60)) == [])
  }
}
