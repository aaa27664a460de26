// What a prompt says of its references: @tag, or Figure 2, by model. A mention that points nowhere is paid for and
// ignored, so it is found here.

enum Mention {
  /// 3 to 16 letters, digits or _, beginning with a letter.
  static func isTag(_ text: ArraySlice<UInt8>) -> Bool {
    text.count >= 3 && text.count <= 16 && text.first?.isLetter == true && text.allSatisfy { $0.isWordByte }
  }

  /// Every word that follows an @ which is not inside a word, as that of a mail address is.
  static func names(in prompt: String) -> [String] {
    var names: [String] = []
    var rest = prompt.bytes
    var isInWord = false
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "@"), !isInWord {
        let name = rest.prefix { $0.isWordByte }
        if name.first?.isLetter == true { names.append(String(name.prefix(ReferenceRule.limit))) }
      }
      isInWord = byte.isWordByte
    }
    return names
  }

  /// The numbers of "Figure 3" and "figure 3". One too long to be a figure is a million.
  static func figures(in prompt: String) -> [Int] {
    var figures: [Int] = []
    var rest = prompt.bytes
    var isInWord = false
    while let byte = rest.popFirst() {
      if !isInWord, byte | 0x20 == UInt8(ascii: "f"), rest.begins(with: "igure ") {
        let digits = rest.dropFirst(6).prefix { $0.isDigit }
        var number = 0
        for digit in digits { number = min(1_000_000, number * 10 + Int(digit - UInt8(ascii: "0"))) }
        if !digits.isEmpty { figures.append(number) }
      }
      isInWord = byte.isWordByte
    }
    return figures
  }
}

extension Check {
  func checkMentions() {
    switch model.references?.syntax ?? .none {
    case .tag: checkTagMentions()
    case .figure: checkFigures()
    case .none: break
    }
  }

  private func checkTagMentions() {
    var (mentioned, noted): ([String], [String]) = ([], [])
    for name in Mention.names(in: prompt) {
      let folded = name.asciiLowercase
      mentioned.append(folded)
      // One note for each name; the list of notes is bounded by the problems a report can hold.
      if errors.isFull || warnings.isFull || noted.includes(name) { continue }
      if references.contains(where: { $0.tag.equals(name) }) { continue }
      noted.append(name)
      noteMention(name, references.contains { $0.tag?.asciiLowercase.equals(folded) ?? false })
    }
    let place = Pointer.root / "referenceImages"
    for (index, reference) in references.enumerated() {
      guard let tag = reference.tag, !mentioned.includes(tag.asciiLowercase) else { continue }
      warnings.add(
        place / index / "tag", "tag: the prompt does not mention @\(tag), so this picture may go unused")
    }
  }

  private func noteMention(_ name: String, _ differsInCase: Bool) {
    let place = Pointer.root / "promptText"
    if differsInCase {
      warnings.add(
        place, "promptText: @\(name) differs in case from the tag of its reference; write both alike")
    } else if Mention.isTag(name.bytes) {
      let tags = references.compactMap { reference in reference.tag.map { String(sentence: "@\($0)") } }
      let nearest = Nearest.word(to: String(sentence: "@\(name)"), among: tags)
      let help: Sentence =
        nearest == nil ? "; give one that tag, or take the @ away" : didYouMean(nearest)
      errors.add(
        place, "promptText: @\(name) is the tag of no reference image\(help)",
        allowed: .strings(tags), meaning: nearest)
    } else {
      warnings.add(
        place, "promptText: @\(name) cannot be a tag, which has 3 to 16 characters; it is sent as it is")
    }
  }

  private func checkFigures() {
    var noted: [Int] = []
    for figure in Mention.figures(in: prompt) where figure == 0 || figure > references.count {
      if warnings.isFull || noted.contains(figure) { continue }
      noted.append(figure)
      warnings.add(
        Pointer.root / "promptText",
        "promptText: speaks of Figure \(figure), the request has \(counted(references.count, "reference image"))"
      )
    }
  }
}
