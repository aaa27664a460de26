// Words that have no place here, and files and functions that grew beyond their page. Each rule is shown to bite.

import Foundation
import Testing

/// What the shipped Swift does not say, and why.
private let forbidden: [(pattern: String, why: String)] = [
  (
    #"\bimport (Foundation\w*|Dispatch|Glibc|Synchronization)\b"#,
    "it leaves megabytes or threads in the host"
  ),
  (#"\b(try!|as!)"#, "its trap ends the host"),
  (#"\b(fatalError|preconditionFailure|unsafeDowncast)\("#, "its trap ends the host"),
  (#"\.(lowercased|uppercased|split)\("#, "it brings 0.7 MB of Unicode tables: work on utf8"),
  (#"\bString\(format:"#, "it is Foundation's"),
  (#"\b(print|debugPrint|dump|readLine)\("#, "the host's input and output are not ours"),
  (#"\b(async|await|actor|DispatchQueue)\b"#, "it leaves threads in the host"),
]

/// Types that promise the compiler what it cannot see. Each says beside itself why it is right.
private let uncheckedAllowed = [
  "Sources/Foreign/",
  // Shared by threads; what changes in them stands behind a lock or belongs to one thread.
  "Sources/Engine/Engine.swift", "Sources/Engine/Board.swift", "Sources/Boundary/Composition.swift",
  "Sources/Boundary/Clients.swift", "Sources/Providers/Sketch/Job.swift",
  "Sources/Providers/Sketch/Crew.swift", "Sources/Providers/Sketch/Workers.swift",
  "Sources/Store/SQLiteJournal.swift",
  "Sources/Providers/Runway/ParcelReader.swift", "Sources/Engine/Witness.swift",
  // Functions of a host, which promises that they may be called as t2i.h says.
  "Sources/Boundary/HostFunctions.swift",
  // Copied before it changes.
  "Sources/Core/Journal/Standing.swift",
]

// Not Swift's own Regex: over a whole house that takes seconds.
private func findings(_ pattern: String, in text: String) -> [String] {
  guard let regex = try? NSRegularExpression(pattern: pattern) else {
    return ["the pattern \(pattern) is broken"]
  }
  let range = NSRange(location: 0, length: text.utf16.count)
  return regex.matches(in: text, range: range).map { (text as NSString).substring(with: $0.range) }
}

private func unspeakable(_ code: String) -> [String] {
  forbidden.flatMap { rule in findings(rule.pattern, in: code).map { "\($0): \(rule.why)" } }
}

/// Names that say that the thing has not been understood yet.
private func vague(_ code: String) -> [String] {
  let kinds = "(?:struct|class|enum|protocol|actor|typealias)"
  return findings(#"\b\#(kinds) \w*(?:Manager|Helper|Util)\w*"#, in: code)
}

// These two are written in halves, as their examples are, or this file would break its own rules.
private func postponed(_ text: String) -> [String] {
  findings(#"\b(TO"# + #"DO|FIX"# + #"ME|X"# + #"XX)\b"#, in: text)
}

private func machinePaths(_ text: String) -> [String] {
  let homes = #"/(?:ro"# + #"ot|wo"# + #"rk|Us"# + #"ers)/\w|/ho"# + #"me/(?!me/|you/)\w+/|/opt/sw"# + "ift"
  return findings(#"(?<![\w.:/])(?:\#(homes))"#, in: text)
}

@Suite struct WordsTests {
  @Test func theShippedSwiftAvoidsWhatHurtsAHost() {
    for file in House.shipped { #expect(unspeakable(file.code) == [], "\(file)") }
  }

  @Test func onlyListedFilesPromiseWhatTheCompilerCannotSee() {
    for file in House.shipped where !uncheckedAllowed.contains(where: { file.path.hasPrefix($0) }) {
      #expect(!file.code.contains("@unchecked"), "\(file)")
    }
  }

  @Test func nothingIsCalledAManager() {
    for file in House.files(under: "Sources", "Tests", ending: ".swift") {
      #expect(vague(file.code) == [], "\(file)")
      #expect(!file.name.contains(/Manager|Helper|Util/), "\(file)")
    }
  }

  @Test func nothingIsLeftForLater() {
    for file in House.files { #expect(postponed(file.text) == [], "\(file)") }
  }

  @Test func noFileKnowsTheMachineItWasWrittenOn() {
    for file in House.files { #expect(machinePaths(file.text) == [], "\(file)") }
  }

  @Test func theWordsAreFoundWhereTheyStand() {
    #expect(unspeakable("let x = try! f(); print(x as! Int)").count == 3)
    #expect(unspeakable("import Foundation\nname.utf8.split(separator: 1)").count == 2)
    #expect(unspeakable("let fingerprint = blueprint(x); isActor(tryThis, x as? Int)") == [])
    #expect(unspeakable(SourceFile(path: "", text: "f() // print(x)").code) == [])
    #expect(vague("final class Task" + "Manager {}; struct Help" + "erOfTasks {}").count == 2)
    #expect(vague("struct Utterance {}") == [])
    #expect(postponed("// TO" + "DO: later, or FIX" + "ME").count == 2)
    #expect(postponed("mkdtemp(XXXXXX), method") == [])
    #expect(machinePaths("cd /ro" + "ot/x; see /ho" + "me/max/x and \"/wo" + "rk/x\"").count == 3)
    #expect(
      machinePaths("https://example.com/home/page/ ./work/x $HOME/work/ src/root/a /home/me/a.png") == [])
  }
}
