// The config of a client, read whole and checked whole before anything is opened. Settings of the hosted service are
// checked for sketch too, so that a program moves from one to the other by its config alone.

package struct Settings: Sendable {
  package enum ProviderChoice: Equatable, Sendable {
    case sketch
    case runway
    /// A provider of the host's own.
    case named(String)
    /// Nothing was said.
    case none
  }

  package struct Simulate: Sendable {
    package var latencyMilliseconds: Int64 = 0
    package var throttledMilliseconds: Int64 = 0
    package var steps = 4
    package var failureCode: String?
    package var losesAnswers = false
    /// Of pictures that stay with sketch because `fetch` is lazy.
    package var expireMilliseconds: Int64?
    package var millicredits: Int64 = 0
    package var paints = true
  }

  package enum JournalChoice: Sendable {
    /// The usual place for what costs money, none for what does not.
    case usual
    case none
    case path(String)
  }

  package var provider = ProviderChoice.none
  package var name: String?
  /// Of the hosted service. A config is read once, on the caller's thread; nothing keeps it.
  package var apiKey: String?
  package var baseUrl: String?
  package var timeoutMilliseconds: Int64?
  /// The documented 5 s; below that only for a service on this machine.
  package var pollFloorMilliseconds: Int64 = 5000
  package var proxy: String?
  package var noProxy: String?
  package var caFile: String?
  package var maxConnections = 16
  package var allowedOutputHosts: [String] = []
  package var journal = JournalChoice.usual
  package var budget: Budget?
  package var outputUrls = false
  /// Pictures stay with the service until somebody asks for one.
  package var fetchesLazily = false
  /// Of pictures held in memory for hosts without `outputDir`; further ones are fetched when asked for. 1 GiB holds two
  /// hundred of the largest.
  package var maxOutputBytes = 1 << 30
  package var outputDir: String?
  package var catalogue: String?
  /// 32 Mi pixels: above the largest picture in the catalogue (6336:2688, 17 Mpx), and half a GiB of canvas.
  package var maxPixels = 1 << 25
  package var maxConcurrent = Int.max
  package var maxSubmitting = 4
  /// nil: one for each processor, at most 8.
  package var paintThreads: Int?
  package var localReferences = true
  /// The folder that local references must lie below.
  package var referenceRoot: String?
  package var allowedReferenceHosts: [String] = []
  package var simulate: Simulate?
  package var readsEnvironment = true
  /// Prompts stand in the log.
  package var logsPrompts = false

  package init() {}

  /// Reads a config. The failure names the key, what was wrong and what is right.
  package static func read(_ config: JSON) throws(Failure) -> Settings {
    guard case .object(let object) = config else {
      throw Failure(.argument, at: "config", "the config must be a JSON object, is \(config.kind)")
    }
    var settings = Settings()
    for member in object.members {
      let value = Value(member.value, String(sentence: "/\(member.key)"))
      guard let key = Key.allCases.first(where: { member.key.equals($0.name) }) else {
        throw value.unknown(member.key, among: Key.allCases.map { $0.name })
      }
      try settings.take(key, value)
    }
    return settings
  }

  /// A key of the config, by its name.
  private enum Key: String, CaseIterable {
    case provider, apiKey, baseUrl, name, journal, outputDir, fetch, outputUrls, maxOutputBytes, catalogue
    case maxPixels, budget, maxConcurrent, maxSubmitting, maxConnections, pollFloorMs, timeoutMs, proxy,
      noProxy
    case caFile, localReferences, referenceRoot, allowedReferenceHosts, allowedOutputHosts, paintThreads
    case logPrompts, environment, simulate

    var name: String {
      @inline(never) get { rawValue }
    }
  }

  private mutating func take(_ key: Key, _ value: Value) throws(Failure) {
    switch key {
    case .provider: provider = try Settings.choice(value)
    case .name: name = try value.text(upTo: 255)
    case .apiKey: apiKey = try value.text(upTo: 1024)
    case .baseUrl: baseUrl = try value.text(upTo: 2048)
    case .timeoutMs: timeoutMilliseconds = Int64(try value.integer(1, 86_400_000))
    case .pollFloorMs: pollFloorMilliseconds = Int64(try value.integer(1, 3_600_000))
    case .proxy: proxy = try value.text(upTo: 4096)
    case .noProxy: noProxy = try value.text(upTo: 4096)
    case .caFile: caFile = try value.text(upTo: 4096)
    case .maxConnections: maxConnections = try value.integer(1, 1000)
    case .allowedOutputHosts: allowedOutputHosts = try value.texts()
    case .outputUrls: outputUrls = try value.flag()
    case .fetch: fetchesLazily = try value.oneOf("eager", "lazy") == 1
    case .maxOutputBytes: maxOutputBytes = try value.integer(0, 1 << 50)
    case .outputDir: outputDir = try value.text(upTo: 4096)
    case .catalogue: catalogue = try value.text(upTo: 4096)
    case .maxPixels: maxPixels = try value.integer(256, 1 << 28)
    case .maxConcurrent: maxConcurrent = try value.integer(1, 1_000_000)
    case .maxSubmitting: maxSubmitting = try value.integer(1, 1000)
    case .paintThreads: paintThreads = try value.integer(0, 64)
    case .localReferences: localReferences = try value.flag()
    case .referenceRoot: referenceRoot = try value.text(upTo: 4096)
    case .allowedReferenceHosts: allowedReferenceHosts = try value.texts()
    case .environment: readsEnvironment = try value.flag()
    case .simulate: simulate = try Settings.simulate(value)
    case .budget: budget = try Settings.budget(value)
    case .journal: journal = value.json.isNull ? .none : .path(try value.text(upTo: 4096))

    case .logPrompts: logsPrompts = try value.flag()
    }
  }

  private static func choice(_ value: Value) throws(Failure) -> ProviderChoice {
    let name = try value.text(upTo: 63)
    // It stands before the colon of a token.
    for byte in name.bytes where !byte.isLetter && !byte.isDigit && !"._-".bytes.contains(byte) {
      throw value.wrong("\"runway\", \"sketch\", or a name of letters, digits, dots, _ and -", is: "another")
    }
    return name.is("sketch") ? .sketch : name.is("runway") ? .runway : .named(name)
  }

  private static func simulate(_ value: Value) throws(Failure) -> Simulate {
    var simulate = Simulate()
    for member in try value.object() {
      let inner = Value(member.value, String(sentence: "\(value.location)/\(member.key)"))
      if member.key.is("latencyMs") {
        simulate.latencyMilliseconds = Int64(try inner.integer(0, 86_400_000))
      } else if member.key.is("throttledMs") {
        simulate.throttledMilliseconds = Int64(try inner.integer(0, 86_400_000))
      } else if member.key.is("loseAnswer") {
        simulate.losesAnswers = try inner.flag()
      } else if member.key.is("expireMs") {
        simulate.expireMilliseconds = Int64(try inner.integer(1, 86_400_000))
      } else if member.key.is("steps") {
        simulate.steps = try inner.integer(1, 1000)
      } else if member.key.is("failureCode") {
        simulate.failureCode = try inner.text(upTo: 127)
      } else if member.key.is("millicredits") {
        simulate.millicredits = Int64(try inner.integer(0, 1_000_000_000))
      } else if member.key.is("paint") {
        simulate.paints = try inner.flag()
      } else {
        throw inner.unknown(
          member.key,
          among: [
            "latencyMs", "throttledMs", "steps", "failureCode", "loseAnswer", "expireMs", "millicredits",
            "paint",
          ])
      }
    }
    return simulate
  }

  private static func budget(_ value: Value) throws(Failure) -> Budget {
    var (most, scope, isHard): (Int64?, Budget.Scope, Bool) = (nil, .client, true)
    var assumed: [(model: String, millicredits: Int64)] = []
    for member in try value.object() {
      let inner = Value(member.value, String(sentence: "\(value.location)/\(member.key)"))
      if member.key.is("maxMillicredits") {
        most = Int64(try inner.integer(0, 1 << 50))
      } else if member.key.is("scope") {
        scope = [.client, .day, .journal][try inner.oneOf("client", "day", "journal")]
      } else if member.key.is("mode") {
        isHard = try inner.oneOf("hard", "soft") == 0
      } else if member.key.is("assume") {
        for model in try inner.object() {
          let price = Value(model.value, String(sentence: "\(inner.location)/\(model.key)"))
          assumed.append((model.key, Int64(try price.integer(0, 1 << 40))))
        }
      } else {
        throw inner.unknown(member.key, among: ["maxMillicredits", "scope", "mode", "assume"])
      }
    }
    guard let most else {
      throw Failure(.argument, at: value.location, "a budget needs maxMillicredits: how much may be spent")
    }
    return Budget(maxMillicredits: most, scope: scope, isHard: isHard, assumed: assumed)
  }
}

/// One value of the config and its place.
private final class Value {
  let json: JSON
  let location: String

  init(_ json: JSON, _ location: String) {
    self.json = json
    self.location = location
  }

  func text(upTo limit: Int) throws(Failure) -> String {
    guard let text = json.string else { throw wrong("a string") }
    guard text.byteCount <= limit, !text.isEmpty else {
      throw wrong("a string of 1 to \(limit) bytes", is: "one of \(text.byteCount)")
    }
    return text
  }

  func texts() throws(Failure) -> [String] {
    guard let values = json.array, values.count <= 1000 else { throw wrong("an array of strings") }
    var texts: [String] = []
    for value in values {
      guard let text = value.string, !text.isEmpty else { throw wrong("an array of strings") }
      texts.append(text)
    }
    return texts
  }

  func flag() throws(Failure) -> Bool {
    guard let flag = json.bool else { throw wrong("true or false") }
    return flag
  }

  func integer(_ least: Int, _ most: Int) throws(Failure) -> Int {
    guard let value = json.integer, let number = Int(exactly: value), number >= least, number <= most else {
      throw wrong("an integer from \(least) to \(most)")
    }
    return number
  }

  func object() throws(Failure) -> [JSON.Member] {
    guard let object = json.object else { throw wrong("an object") }
    return object.members
  }

  /// The position of the word it is.
  func oneOf(_ words: StaticString...) throws(Failure) -> Int {
    for index in words.indices where json.string.is(words[index]) { return index }
    var right: Sentence = ""
    for index in words.indices {
      let joint: StaticString = index == 0 ? "" : index == words.count - 1 ? " or " : ", "
      right = "\(right)\(joint)\"\(words[index])\""
    }
    throw wrong(right)
  }

  func wrong(_ right: Sentence, is found: Sentence? = nil) -> Failure {
    let shown: Sentence = found ?? json.integer.map { "\($0)" } ?? "\(json.kind)"
    let name = String(location.bytes.dropFirst())
    return Failure(.argument, at: location, "\(name) must be \(right), is \(shown)")
  }

  func unknown(_ key: String, among known: [String]) -> Failure {
    if let nearest = Nearest.word(to: key, among: known) {
      return Failure(.argument, at: location, "no such setting; did you mean \(nearest)?")
    }
    return Failure(
      .argument, at: location, "no such setting; the settings are \(enumerated(known, limit: known.count))")
  }
}
