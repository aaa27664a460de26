// include/t2i.h is the product. What implements it has its order, its names and its numbers.

import Testing

/// A function as a Boundary file writes it.
private struct Export: Equatable {
  var symbol: String
  var function: String
  /// Only with `@implementation` does the compiler compare it with the header.
  var isChecked: Bool
}

private func exports(of code: String) -> [Export] {
  let form = /((?:@\w+ +)*)@_cdecl\("(\w+)"\)((?:\s+@\w+)*)\s+(?:\w+\s+)*func (\w+)\(/
  return code.matches(of: form).map { match in
    let attributes = String(match.1) + String(match.3)
    return Export(
      symbol: String(match.2), function: String(match.4), isChecked: attributes.contains("@implementation"))
  }
}

/// Functions of the header that are written in C: what a signal handler may call cannot be Swift.
private func definitions(inC code: String) -> [String] {
  code.matches(of: /(?m)^[\w *]*\b(t2i_[a-z0-9_]+)\([^;{]*\)\s*\{/).map { String($0.1) }
}

private let boundary = House.files(under: "Sources/Boundary", ending: ".swift")
private let inC = House.files(under: "Sources", ending: ".c").flatMap { definitions(inC: $0.text) }

@Suite struct HeaderTests {
  @Test func everyExportIsCheckedByTheCompilerAndKeepsItsName() {
    for file in House.shipped {
      for export in exports(of: file.code) {
        #expect(export.isChecked, "\(export.symbol) in \(file) lacks @implementation")
        #expect(export.symbol == export.function, "\(file)")
      }
      let written = file.code.matches(of: /@_cdecl|@cdecl/).count
      #expect(exports(of: file.code).count == written, "\(file) exports in a form this rule does not read")
    }
  }

  @Test func onlyTheBoundaryExports() {
    for file in House.shipped where !file.path.hasPrefix("Sources/Boundary/") {
      #expect(exports(of: file.code) == [], "\(file)")
    }
  }

  @Test(.enabled(if: House.boundaryIsBuilt, "Sources/Boundary is still a placeholder"))
  func whatIsDeclaredIsWrittenAndTheOtherWayRound() {
    let written = boundary.flatMap { exports(of: $0.code).map(\.symbol) } + inC
    #expect(Set(written).subtracting(House.header.functions).sorted() == [], "not in include/t2i.h")
    #expect(Set(House.header.functions).subtracting(written).sorted() == [], "written nowhere")
    #expect(Set(written).count == written.count, "written twice")
  }

  @Test(.enabled(if: House.boundaryIsBuilt, "Sources/Boundary is still a placeholder"))
  func aSectionOfTheHeaderIsAFileInItsOrder() {
    for section in House.header.sections {
      let file = House.file("Sources/Boundary/" + section.fileName)
      let expected = section.functions.filter { !inC.contains($0) }
      #expect(exports(of: file.code).map(\.symbol) == expected, "\(file) and the section “\(section.title)”")
    }
  }

  @Test func aSectionOfTheHeaderHoldsAsManyFunctionsAsItSays() {
    #expect(!House.header.sections.isEmpty)
    for section in House.header.sections {
      #expect(section.functions.count == section.announced, "“\(section.title)” in include/t2i.h")
    }
  }

  @Test func theStatusesOfCoreAreTheHeaders() {
    let renamed = [
      "argument": "ARG", "structSize": "STRUCT", "noMemory": "NOMEM", "noSpace": "NOSPC",
      "protocolError": "PROTOCOL",
      "internalError": "INTERNAL",
    ]
    var statuses: [String: Int] = [:]
    let code = House.file("Sources/Core/Failure.swift").code
    for match in code.matches(of: /static let (\w+) = Status\(rawValue: (-?[0-9]+)\)/) {
      statuses[renamed[String(match.1)] ?? match.1.uppercased()] = Int(match.2)
    }
    #expect(statuses == House.header.statuses)
    #expect(statuses.count > 30)
  }

  /// A bug report tells how old the catalogue is: the day of the newest specification it was made from.
  @Test func theBuildLineNamesTheDayOfTheCatalogue() throws {
    let catalogue = House.file("Sources/Foreign/CCatalogue/catalogue.json").text
    let day = try #require(catalogue.matches(of: /openapi-([0-9]{4}-[0-9]{2}-[0-9]{2})/).map(\.1).max())
    let lines = House.file("Sources/Boundary/Library.swift").code.matches(of: /"libt2i [^"]*"/)
    #expect(lines.count == 2)
    for line in lines { #expect(line.0.hasSuffix("; catalogue: \(day)\"")) }
  }

  @Test func theHeaderIsReadAsItIsWritten() {
    let header = Header(
      """
      enum { T2I_OK = 0, T2I_E_ARG = -1,
        T2I_E_NOMEM = -20 };
      /* ---- transparent structs: struct_size first ---- */
      /* ---- library (2) ---- */
      T2I_API uint32_t    T2I_CALL t2i_version(void);
      T2I_API t2i_status T2I_CALL t2i_has(
        const char *feature);
      /* ---- before paying (1): what exists ---- */
      T2I_API void T2I_CALL t2i_check(int x); /* t2i_other(y) */
      """)
    #expect(header.statuses == ["OK": 0, "ARG": -1, "NOMEM": -20])
    #expect(
      header.sections == [
        .init(title: "library", announced: 2, functions: ["t2i_version", "t2i_has"]),
        .init(title: "before paying", announced: 1, functions: ["t2i_check"]),
      ])
    #expect(header.sections.map(\.fileName) == ["Library.swift", "BeforePaying.swift"])
  }

  @Test func anExportIsReadAsItIsWritten() {
    let code = """
      @implementation @_cdecl("t2i_a")
      public func t2i_a() {}
      @_cdecl("t2i_b") @implementation public func t2i_b(_ x: Int) {}
      @_cdecl("t2i_c")
      public func somethingElse() {}
      """
    #expect(
      exports(of: code) == [
        Export(symbol: "t2i_a", function: "t2i_a", isChecked: true),
        Export(symbol: "t2i_b", function: "t2i_b", isChecked: true),
        Export(symbol: "t2i_c", function: "somethingElse", isChecked: false),
      ])
    let c =
      "t2i_status t2i_wake(t2i_client c) {\n  t2i_called(c);\n  if (t2i_asked(c)) { }\n}\nint t2i_declared(void);\n"
    #expect(definitions(inC: c) == ["t2i_wake"])
  }

  /// A host that was compiled with an older header reads the entries it knows at the places it knows.
  @Test func theTableHasEveryFunctionInTheHeadersOrder() {
    let members = House.file("include/t2i.h").text.matches(of: /\(T2I_CALL \*(t2i_[a-z0-9_]+)\)\(/)
      .map { String($0.1) }.filter { !$0.hasSuffix("_fn") }
    #expect(members == House.header.functions)
    let table = House.file("Sources/Foreign/CTable/table.c").text
    let entries = table.matches(of: /\b(t2i_[a-z0-9_]+),/).map { String($0.1) }
    #expect(entries == House.header.functions)
  }
}
