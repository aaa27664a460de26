// A task as JSON, with the stable keys that t2i.h promises. A key that is absent means that nobody knows.

/// What never changes about a task.
package final class Dossier: Sendable {
  package let user: UInt64
  package let request: JSON.Object
  package let opening: Opening
  package let warnings: [JSON]
  /// A journal has it, under its intent.
  package let isKept: Bool
  /// The links of its pictures are shown, signatures and all.
  package let showsLinks: Bool

  package init(
    user: UInt64, request: JSON.Object, opening: Opening, warnings: [JSON] = [], isKept: Bool = false,
    showsLinks: Bool = false
  ) {
    self.user = user
    self.request = request
    self.opening = opening
    self.warnings = warnings
    self.isKept = isKept
    self.showsLinks = showsLinks
  }
}

extension Dossier {
  /// The same for a handle that stands for a task which was opened before.
  package convenience init(_ dossier: Dossier, _ opening: Opening) {
    self.init(
      user: dossier.user, request: dossier.request, opening: opening, warnings: dossier.warnings,
      isKept: true,
      showsLinks: dossier.showsLinks)
  }

  /// `evidence` is what a journal knows of the task, empty where there is none.
  package func report(_ snapshot: Snapshot, evidence: [JSON] = []) -> JSON {
    var report = JSON.Object()
    report.add("state", word: snapshot.state.name)
    report.add("status", word: (snapshot.failure?.status ?? .ok).name)
    report.add("failure", snapshot.failure?.report)
    report.add("request", .object(request))
    report.add("provider", text: opening.provider)
    report.add("token", text: snapshot.token)
    report.add("dedupeKey", text: opening.dedupeKey)
    report.add("intent", text: isKept ? opening.intent : nil)
    report.add("price", opening.price.json)
    report.add("reserved", number: snapshot.reserved)
    report.add("spent", number: snapshot.spent)
    report.add("created", number: snapshot.createdUnixMilliseconds)
    report.add("updated", number: snapshot.updatedUnixMilliseconds)
    report.add("progress", number: snapshot.permille)
    report.add("outputs", .array(snapshot.pictures.map { $0.report(showsLinks) }))
    report.add("warnings", .array(warnings))
    if let first = snapshot.pictures.first {
      report.add("understood", .strings(first.understood))
      report.add("ignored", .strings(first.ignored))
    }
    if !evidence.isEmpty { report.add("evidence", .array(evidence)) }
    return .object(report)
  }
}

extension Failure {
  var report: JSON {
    var report = JSON.Object()
    report.add("status", word: status.name)
    report.add("message", text: message)
    if !location.isEmpty { report.add("where", text: location) }
    if http != 0 { report.add("http", number: Int64(http)) }
    if !serviceCode.isEmpty { report.add("code", text: serviceCode) }
    report.add("retryable", flag: retryable)
    report.add("maySpend", flag: maySpend)
    return .object(report)
  }
}

extension Picture {
  func report(_ showsLink: Bool) -> JSON {
    var report = JSON.Object()
    report.add("path", text: path)
    if size > 0 {
      report.add("mime", text: mime)
      report.add("width", number: width)
      report.add("height", number: height)
      report.add("bytes", number: size)
      report.add("sha256", text: sha256)
    }
    if let link, link.begins(with: "http") {
      // What follows the question mark signs the link: whoever has it has the picture.
      let shown = showsLink ? link.bytes : link.bytes.prefix { $0 != UInt8(ascii: "?") }
      report.add("url", text: String(shown))
    }
    return .object(report)
  }
}
