// Which provider a config asks for, and what follows from that: what it may be asked, what it charges, what it tells.

import CSys
import CT2I
import Core
import Host
import Platform
import Runway
import Sketch
import Store
import Transport

final class Studio {
  let provider: any Provider
  let rules: CheckRules
  /// What it charges for any picture, nil where that is the list price, or the host's provider says.
  let price: Price?
  /// Whose money it is: the first 8 bytes of the SHA-256 of the key; 0 where nobody's key is asked for.
  let account: UInt64
  /// Finished pictures stay with the provider until somebody asks for one.
  let leavesPictures: Bool
  private let runway: RunwayProvider?
  /// The host's own, where the config names one that is not built in.
  let host: HostProvider?
  private let referenceRoot: String?

  /// `post` may be called from any thread.
  init(_ settings: Settings, post: @escaping @Sendable (Reply) -> Void) throws(Failure) {
    referenceRoot = settings.referenceRoot
    var rules = CheckRules()
    rules.localReferences = settings.localReferences
    rules.allowedReferenceHosts = settings.allowedReferenceHosts
    if settings.provider == .runway {
      let made = try Studio.runway(settings, post)
      leavesPictures = settings.fetchesLazily
      (provider, runway, host, price) = (made, made, nil, nil)
      account = Studio.account(settings.apiKey ?? "")
    } else if case .named(let name) = settings.provider {
      rules.takesAnySize = true
      rules.maxPixels = settings.maxPixels
      let folder = settings.readsEnvironment ? Settings.environment("TMPDIR") : nil
      let made = HostProvider(
        name: name, maxBytes: settings.maxOutputBytes, spoolFolder: folder ?? "/tmp", post: post)
      (provider, runway, host, price) = (made, nil, made, nil)
      leavesPictures = false
      account = Studio.account(String(sentence: "provider \(name)"))
    } else {
      rules.takesAnySize = true
      rules.maxPixels = settings.maxPixels
      rules.encodes = { $0.isWritable }
      leavesPictures = settings.fetchesLazily && settings.simulate?.expireMilliseconds != nil
      (provider, runway, host) = (Studio.sketch(settings, post), nil, nil)
      // It costs nothing, or what the host makes believe, and that is certain.
      price = Price(millicredits: settings.simulate?.millicredits ?? 0, certainty: .known)
      account = 0
    }
    self.rules = rules
  }

  private static func sketch(_ settings: Settings, _ post: @escaping @Sendable (Reply) -> Void)
    -> SketchProvider
  {
    let threads = settings.paintThreads ?? min(Clock.processors, paintThreadsMax)
    return SketchProvider(
      settings: SketchProvider.Settings(
        paintThreads: threads,
        simulation: settings.simulate.map { Simulation($0, isFetchedLazily: settings.fetchesLazily) }),
      post: post)
  }

  /// More painters than this share memory bandwidth rather than work.
  private static let paintThreadsMax = 8

  private static func runway(
    _ settings: Settings, _ post: @escaping @Sendable (Reply) -> Void
  ) throws(Failure) -> RunwayProvider {
    let service = try Service(
      base: settings.baseUrl, key: settings.apiKey ?? "", timeoutMilliseconds: settings.timeoutMilliseconds)
    guard service.isLoopback || settings.pollFloorMilliseconds >= 5000 else {
      throw Failure(
        .argument, at: "/pollFloorMs",
        "pollFloorMs is \(Int(settings.pollFloorMilliseconds)), must be 5000 or more: the service says no more often"
      )
    }
    if let path = settings.caFile { _ = try Reading.document(path, atMost: 16 << 20, "/caFile") }
    let transport = try Transport(
      Transport.Settings(
        proxy: settings.proxy, noProxy: settings.noProxy, caFile: settings.caFile,
        maxConnections: settings.maxConnections, allowsLoopback: service.isLoopback,
        allowedOutputHosts: settings.allowedOutputHosts))
    return RunwayProvider(
      service: service, transport: transport, pollFloor: .milliseconds(settings.pollFloorMilliseconds),
      seed: systemSeed(), post: post)
  }

  /// Another key for this client, and the account its hash stands for; nil where the provider asks for none.
  func key(_ text: String) throws(Failure) -> (key: Secret?, account: UInt64) {
    guard runway != nil else { return (nil, 0) }
    try Service.check(key: text)
    return (Secret(text), Studio.account(text))
  }

  private static func account(_ key: String) -> UInt64 {
    var hash = SHA256()
    key.lend { hash.update(UnsafeRawBufferPointer($0)) }
    var account: UInt64 = 0
    for digit in hash.finish().bytes.prefix(16) { account = account << 4 | UInt64(digit.hexDigit ?? 0) }
    return account
  }

  /// The token of a task at this client's service, as a host wrote it.
  func token(_ text: String) throws(Failure) -> String {
    if let host { return try Studio.token(text, of: host) }
    guard runway != nil else {
      throw Failure(
        .unsupported, at: "token",
        "what sketch paints ends with its process; submit it again, it costs nothing")
    }
    return try TaskID(token: text).token
  }

  /// What earlier processes uploaded need not be sent again.
  func remember(_ journal: SQLiteJournal) throws(Failure) {
    guard let runway else { return }
    let (now, unixMilliseconds) = (Clock.now, Clock.unixMilliseconds)
    let day = Shelf.lifetime.nanoseconds / 1_000_000
    for upload in try journal.uploads(since: unixMilliseconds - day) {
      let age = Span.milliseconds(unixMilliseconds - upload.unixMilliseconds)
      runway.remember(upload.sha256, uri: upload.uri, age: age, now: now)
    }
  }

  /// Looks at the local pictures of one request. `blobs` is nil where nobody knows yet what will come along.
  func inspector(blobs: [UnsafeRawBufferPointer]?, isSending: Bool) -> LocalPictures {
    guard runway == nil, host == nil else {
      return LocalPictures(root: referenceRoot, blobs: blobs, isSending: isSending)
    }
    guard isSending else { return LocalPictures(root: referenceRoot, blobs: blobs, isSending: false) }
    return LocalPictures(
      root: referenceRoot, blobs: blobs, isSending: false,
      see: { file, mime in Decoders.light(of: file, mime) })
  }

  /// How many pictures must be with the provider before it is asked.
  func uploads(of request: Request) -> Int { runway == nil ? 0 : request.uploads.count }

  /// Warnings that a task carries because of its provider.
  func remarks(_ request: Request) -> [JSON] {
    guard runway == nil, host == nil else { return [] }
    var remarks: [JSON] = []
    if request.references.contains(where: { $0.light == nil }) {
      remarks.append(
        Studio.remark(
          "/referenceImages",
          "sketch takes light and colours of local pictures it can decode; other references only tint its palette"
        ))
    }
    if !request.prompt.bytes.contains(where: { $0.isLetter }) {
      remarks.append(
        Studio.remark("/promptText", "sketch reads English; other scripts only tint its palette"))
    }
    return remarks
  }

  private static func remark(_ place: StaticString, _ message: StaticString) -> JSON {
    var remark = JSON.Object()
    remark.add("where", word: place)
    remark.add("message", word: message)
    return .object(remark)
  }

  func addTraffic(to report: inout JSON.Object) {
    guard let runway else { return }
    let traffic = runway.traffic.withLock { $0 }
    report.add("requests", number: traffic.requests)
    report.add("connections", number: traffic.connections)
    report.add("auth", word: traffic.key.word)
  }
}

extension RunwayProvider.Traffic.Key {
  fileprivate var word: StaticString {
    switch self {
    case .unknown: "unknown"
    case .accepted: "accepted"
    case .refused: "refused"
    }
  }
}

extension Simulation {
  fileprivate init(_ asked: Settings.Simulate, isFetchedLazily: Bool) {
    self.init()
    latency = .milliseconds(asked.latencyMilliseconds)
    throttled = .milliseconds(asked.throttledMilliseconds)
    losesAnswers = asked.losesAnswers
    expiry = isFetchedLazily ? asked.expireMilliseconds.map { .milliseconds($0) } : nil
    steps = asked.steps
    failureCode = asked.failureCode
    millicredits = asked.millicredits
    paints = asked.paints
  }
}

extension Settings {
  /// What the config left open and the environment says, unless the config forbids reading it. It is read once, here;
  /// libcurl never looks. Then a key alone chooses the service it is for.
  mutating func settle() throws(Failure) {
    if readsEnvironment {
      apiKey = apiKey ?? Settings.environment("RUNWAYML_API_SECRET")
      baseUrl = baseUrl ?? Settings.environment("RUNWAYML_BASE_URL")
      proxy = proxy ?? Settings.environment("HTTPS_PROXY")
      noProxy = noProxy ?? Settings.environment("NO_PROXY")
      caFile = caFile ?? Settings.environment("SSL_CERT_FILE")
    }
    switch provider {
    case .sketch, .runway, .named: return
    case .none where apiKey != nil: provider = .runway
    case .none:
      throw Failure(
        .argument, at: "/provider",
        """
        no provider and no key: set RUNWAYML_API_SECRET for Runway, or "provider" to "sketch" to paint offline, free \
        of charge
        """)
    }
  }

  /// nil where it is not set, empty, or no text.
  static func environment(_ name: StaticString) -> String? {
    name.withUTF8Buffer { name in
      name.withMemoryRebound(to: CChar.self) { name in
        guard let value = getenv(name.baseAddress!), value.pointee != 0 else { return nil }
        return String(utf8: UnsafeRawBufferPointer(start: value, count: strlen(value)))
      }
    }
  }
}
