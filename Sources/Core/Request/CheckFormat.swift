// The form of the picture's file, where the provider writes it by itself: any format for any model. A hosted service's
// formats are settings of its models.

extension Check {
  static let format = "outputFormat"

  func checkFormat(_ value: JSON, _ encodes: (PictureFormat) -> Bool, at place: Pointer) {
    guard let text = value.string, let format = PictureFormat(named: text) else {
      let found: Sentence = value.string.map { "\($0.quoted)" } ?? "\(value.kind)"
      let meant = value.string.flatMap { Nearest.word(to: $0, among: Check.formats) }
      return errors.add(
        place, "\(Check.format): must be \(enumerated(Check.formats)), is \(found)",
        allowed: .strings(Check.formats), meaning: meant)
    }
    if case .size(let width, let height)? = ratio, max(width, height) > format.sideMax {
      return errors.add(
        place,
        "\(Check.format): \(format.name) holds at most \(format.sideMax) pixels a side, this picture has \(max(width, height)); take png"
      )
    }
    if let codec = format.codec, !encodes(format) {
      return errors.add(
        place,
        "\(Check.format): this machine has no \(codec.library) to write \(format.name) with; install it (Debian: \(codec.package)), or take png"
      )
    }
    settings.append(Check.format, value)
  }

  private static var formats: [String] { PictureFormat.allCases.map { String($0.name) } }

  /// True for a format that the painter has and no service.
  func refusesPixels(_ value: JSON, at place: Pointer) -> Bool {
    guard value.string.is(PictureFormat.rgba.name) else { return false }
    let offered = model.parameter(Check.format)?.allowed ?? []
    let advice: Sentence =
      offered.isEmpty
      ? "; leave it out" : "; \(model.id) gives \(enumerated(offered.compactMap { $0.string }, limit: 12))"
    errors.add(
      place, "\(Check.format): only sketch gives rgba, the service does not\(advice)",
      allowed: offered.isEmpty ? nil : .array(offered), nearest: nil)
    return true
  }
}
