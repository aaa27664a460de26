// Who may know whom. The compiler enforces what Package.swift says; this table is what Package.swift must say.

import Testing

/// A room and the rooms it may import, from the ground up. A new room is a new row.
private let allowed: [(room: String, folder: String, imports: Set<String>)] = [
  ("Core", "Sources/Core", []),
  ("CRT", "Sources/Foreign/CRT", []),
  ("CCatalogue", "Sources/Foreign/CCatalogue", ["CZlib"]),
  ("CCodecs", "Sources/Foreign/CCodecs", []),
  ("CTable", "Sources/Foreign/CTable", []),
  ("CNouns", "Sources/Foreign/CNouns", ["CZlib"]),
  ("T2ILink", "Sources/Foreign/T2ILink", []),
  ("Platform", "Sources/Foreign/Platform", ["Core", "CSys", "CRT"]),
  ("JSONCodec", "Sources/Foreign/JSONCodec", ["Core", "CJansson", "CSys"]),
  ("Transport", "Sources/Foreign/Transport", ["Core", "Platform", "CCurl", "CSys"]),
  ("Runway", "Sources/Providers/Runway", ["Core", "Platform", "Transport", "JSONCodec"]),
  ("Sketch", "Sources/Providers/Sketch", ["Core", "Platform", "CZlib", "CCodecs", "CNouns"]),
  ("Host", "Sources/Providers/Host", ["Core", "Platform", "JSONCodec"]),
  ("Store", "Sources/Store", ["Core", "Platform", "JSONCodec", "CSQLite", "CZlib"]),
  ("Engine", "Sources/Engine", ["Core", "Platform"]),
  (
    "Boundary", "Sources/Boundary",
    [
      "Core", "Engine", "Store", "Sketch", "Runway", "Host", "Transport", "JSONCodec", "Platform", "CT2I",
      "CCatalogue", "CCodecs", "CRT", "CSys", "CTable",
    ]
  ),
]

private func imports(of code: String) -> Set<String> {
  Set(
    code.matches(of: /(?m)^[ \t]*(?:@\w+ +)*(?:\w+ +)?import +(?:(?:struct|class|enum|func|var|let) +)?(\w+)/)
      .map { String($0.1) })
}

/// The targets of a manifest that are built from source and ship, each with what it depends on.
private func targets(of manifest: String) -> [String: Set<String>] {
  var found: [String: Set<String>] = [:]
  for match in manifest.matches(of: /\.target\(\s*name: "(\w+)",(?:\s*dependencies: \[([^\]]*)\],)?/) {
    let names = (match.2 ?? "").matches(of: /"(\w+)"/).map { String($0.1) }
    found[String(match.1)] = Set(names)
  }
  return found
}

@Suite struct RoomsTests {
  @Test(arguments: allowed.map(\.room))
  func aRoomImportsOnlyWhatItMay(room: String) throws {
    let row = try #require(allowed.first { $0.room == room })
    for file in House.files(under: row.folder, ending: ".swift") {
      let strangers = imports(of: file.code).subtracting(row.imports)
      #expect(strangers.isEmpty, "\(file) imports \(strangers.sorted().joined(separator: ", "))")
    }
  }

  @Test func everySwiftFileStandsInARoom() {
    for file in House.shipped {
      #expect(allowed.contains { file.path.hasPrefix($0.folder + "/") }, "\(file) is in no room of the table")
    }
  }

  @Test func thePackageAllowsWhatTheTableAllows() {
    let targets = targets(of: House.file("Package.swift").code)
    #expect(Set(targets.keys) == Set(allowed.map(\.room)))
    for row in allowed {
      #expect(targets[row.room] == row.imports, "Package.swift lets \(row.room) import something else")
    }
  }

  @Test func onlyTheBoundaryIsPublic() {
    for file in House.shipped where !file.path.hasPrefix("Sources/Boundary/") {
      #expect(
        !file.code.contains(/\b(public|open) (func|struct|class|enum|let|var|protocol|init|extension)\b/),
        "\(file)")
    }
  }

  @Test func anImportIsSeenHoweverItIsWritten() {
    let code = """
      import A
      package import B
        @testable import C
      internal import struct D.Inner
      let important = "import E"
      """
    #expect(imports(of: code) == ["A", "B", "C", "D"])
  }

  @Test func aManifestIsReadAsItIsWritten() {
    let manifest = """
      .target(name: "A", path: "a"),
      .target(
        name: "B", dependencies: ["A", "C"], path: "b"),
      .testTarget(name: "T", dependencies: ["A"]),
      """
    #expect(targets(of: manifest) == ["A": [], "B": ["A", "C"]])
  }
}
