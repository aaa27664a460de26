// The pictures a request refers to: by their syntax, and, where somebody can look, by what they are.

extension Check {
  static let referenceKeys = ["uri", "path", "tag", "subject", "inline"]

  func checkReferences() {
    let place = Pointer.root / "referenceImages"
    let value = given("referenceImages") ?? []
    guard let entries = value.array else {
      return errors.add(
        place,
        "referenceImages: must be an array of objects such as {\"uri\":\"https://…\"}, is \(value.kind)")
    }
    checkCount(entries.count, at: place)
    for (index, entry) in entries.prefix(ReferenceRule.limit).enumerated() where !errors.isFull {
      checkReference(entry, at: place / index)
    }
    checkTagsTogether(at: place)
  }

  private func checkCount(_ count: Int, at place: Pointer) {
    guard let rule = model.references else {
      if count > 0 {
        errors.add(
          place, "referenceImages: \(model.id) takes no reference images", allowed: .bounds(0, 0))
      }
      return
    }
    let most = rule.maximum ?? ReferenceRule.limit
    if count >= rule.minimum, count <= most { return }
    let verb: StaticString = count < rule.minimum ? "needs" : "takes"
    let advice: Sentence =
      count > 0 || rule.minimum == 0
      ? "" : modelWithoutReferences.map { "; \($0) works from text alone" } ?? ""
    errors.add(
      place, "referenceImages: \(model.id) \(verb) \(rule.sentence), not \(count)\(advice)",
      allowed: .bounds(rule.minimum, most))
  }

  private var modelWithoutReferences: String? {
    let usual = catalogue.model(Catalogue.defaultModel)
    if let usual, usual.references?.minimum ?? 0 == 0 { return usual.id }
    return catalogue.ids { $0.references?.minimum ?? 0 == 0 }.first
  }

  private func checkReference(_ entry: JSON, at place: Pointer) {
    guard case .object(let object) = entry else {
      return errors.add(
        place, "referenceImages: must hold objects such as {\"uri\":\"https://…\"}, here is \(entry.kind)")
    }
    checkReferenceKeys(object, at: place)
    let isInline = checkedInline(object["inline"], at: place / "inline")
    light = nil
    let source = checkedSource(object, at: place, isInline: isInline)
    let tag = checkedTag(object["tag"], at: place / "tag")
    let subject = checkedSubject(object["subject"], at: place / "subject")
    // One that is wrong keeps its place, so that tags in the prompt are not called unknown because of it.
    references.append(Reference(source: source ?? .blob(0), tag: tag, subject: subject, light: light))

    var image = JSON.Object()
    for key in Self.referenceKeys { image[key] = object[key] }
    images.append(.object(image))
  }

  private func checkReferenceKeys(_ object: JSON.Object, at place: Pointer) {
    for member in object.members where !errors.isFull {
      if member.value.isNull {
        errors.add(place / member.key, "\(member.key): is null; leave the key out")
      } else if !Self.referenceKeys.includes(member.key) {
        let nearest = Nearest.word(to: member.key, among: Self.referenceKeys)
        errors.add(
          place / member.key, "\(member.key.quoted) is no key of a reference image\(didYouMean(nearest))",
          allowed: .strings(Self.referenceKeys), meaning: nearest)
      }
    }
  }

  private func checkedInline(_ value: JSON?, at place: Pointer) -> Bool {
    guard let value, !value.isNull else { return false }
    if let isInline = value.bool { return isInline }
    errors.add(place, "inline: must be true or false, is \(value.kind)")
    return false
  }

  private func checkedSource(_ object: JSON.Object, at place: Pointer, isInline: Bool) -> Source? {
    switch (object["uri"], object["path"]) {
    case (nil, nil):
      errors.add(place, "a reference image needs the key uri, or path for a file of this machine")
    case (.some, .some):
      errors.add(place, "a reference image has either uri or path, not both")
    case (.string(let uri), nil):
      return read(at: place / "uri", isInline: isInline) { reader throws(Fault) in try reader.read(uri: uri) }
    case (nil, .string(let path)):
      return read(at: place / "path", isInline: isInline) { reader throws(Fault) in
        try reader.read(path: path)
      }
    case (let uri, let path):
      guard let value = uri ?? path, !value.isNull else { return nil }
      let key = uri == nil ? "path" : "uri"
      errors.add(place / key, "\(key): must be a string, is \(value.kind)")
    }
    return nil
  }

  /// What the reader makes of a source; nil after noting why it made nothing.
  func read(
    at place: Pointer, isInline: Bool = false, _ work: (SourceReader) throws(Fault) -> Source
  ) -> Source? {
    do throws(Fault) {
      let source = try work(SourceReader(limits: catalogue.uriLimits, rules: rules))
      if source.isLocal { return try inspected(source, at: place, isInline: isInline) }
      guard !isInline else {
        throw Fault("inline is for pictures of this machine, in path, file:/// or blob:; leave it out here")
      }
      return source
    } catch {
      errors.add(place, error.message, allowed: error.allowed, meaning: error.nearest)
      return nil
    }
  }

  /// A local picture after a look at it. Where nobody can look, its syntax is all that is known.
  private func inspected(_ source: Source, at place: Pointer, isInline: Bool) throws(Fault) -> Source {
    do throws(Failure) {
      guard let parcel = try inspector?.inspect(source, at: place.text, isInline: isInline) else {
        return source
      }
      warnAboutSides(of: parcel, at: place)
      light = parcel.light
      if isInline { return .inline(try inspector?.dataURI(parcel) ?? "") }
      parcels.append(parcel)
      return source
    } catch {
      throw Fault(Sentence(error.message))
    }
  }

  /// No limits are published; these are what programs that use the service daily keep to.
  private func warnAboutSides(of parcel: Parcel, at place: Pointer) {
    let (width, height) = (parcel.width, parcel.height)
    if max(width, height) > 7999 {
      warnings.add(
        place, "\(parcel.name) has \(width)x\(height) pixels; more than 7999 a side may be refused")
    }
    if width > 2 * height || height > 2 * width {
      warnings.add(place, "\(parcel.name) has \(width)x\(height) pixels; beyond 1:2 or 2:1 it may be refused")
    }
  }

  private func checkedSubject(_ value: JSON?, at place: Pointer) -> String? {
    guard let value, !value.isNull else { return nil }
    let subjects = model.references?.subjects ?? []
    guard !subjects.isEmpty else {
      let others = catalogue.ids { $0.references?.subjects.isEmpty == false }
      errors.add(place, "subject: \(model.id) does not have it; known to \(enumerated(others))")
      return nil
    }
    guard let subject = value.string, subjects.includes(subject) else {
      let nearest = value.string.flatMap { Nearest.word(to: $0, among: subjects) }
      errors.add(
        place, "subject: must be \(enumerated(subjects))\(didYouMean(nearest))",
        allowed: .strings(subjects), meaning: nearest)
      return nil
    }
    return subject
  }

  // MARK: tags

  private func checkedTag(_ value: JSON?, at place: Pointer) -> String? {
    guard let value, !value.isNull else { return nil }
    guard let tag = value.string else {
      errors.add(place, "tag: must be a string, is \(value.kind)")
      return nil
    }
    guard model.references?.takesTags == true else {
      let way: StaticString =
        model.references?.syntax == .figure ? "; write Figure 1, Figure 2 … in the prompt" : ""
      errors.add(place, "tag: references of \(model.id) have no tags\(way)")
      return nil
    }
    guard Mention.isTag(tag.bytes) else {
      errors.add(
        place, "tag: \(tag.quoted) must have 3 to 16 letters, digits or _, and begin with a letter",
        allowed: .bounds(3, 16))
      return nil
    }
    if !tag.equals(tag.asciiLowercase) {
      warnings.add(
        place, "tag: the service's documents do not agree on upper case; \(tag.asciiLowercase) is safest",
        meaning: tag.asciiLowercase)
    }
    return tag
  }

  private func checkTagsTogether(at place: Pointer) {
    for (index, reference) in references.enumerated() {
      guard let tag = reference.tag else { continue }
      for (earlier, other) in references[..<index].enumerated() {
        guard let otherTag = other.tag, otherTag.asciiLowercase.equals(tag.asciiLowercase) else { continue }
        if otherTag.equals(tag) {
          errors.add(
            place / index / "tag", "tag: \(tag) is already the tag of reference \(earlier); take another")
        } else {
          warnings.add(
            place / index / "tag", "tag: \(tag) differs only in case from the tag of reference \(earlier)")
        }
        break
      }
    }
  }
}

/// "; did you mean seed?", or nothing.
func didYouMean(_ nearest: String?) -> Sentence {
  if let nearest { "; did you mean \(nearest)?" } else { "" }
}
