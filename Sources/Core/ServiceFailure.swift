// What a failed task's `failureCode` means, by its dotted beginning. The list and its meanings are Runway's
// published ones; a code nobody has seen counts as the service's own fault.

package enum ServiceFailure {
  private struct Meaning {
    let status: Status
    let sentence: StaticString
    var retryable = false
    var charged = false
  }

  private static func meaning(_ code: String) -> Meaning {
    if isUnder("SAFETY.INPUT", code) {
      return Meaning(
        status: .moderated,
        sentence:
          "the prompt or a reference was refused by moderation; it was charged; change it, do not resend it",
        charged: true)
    }
    if isUnder("SAFETY.OUTPUT", code) {
      return Meaning(
        status: .moderated,
        sentence: "the finished picture was withheld by moderation; it was charged; change the prompt",
        charged: true)
    }
    if isUnder("INPUT_PREPROCESSING.SAFETY", code) {
      return Meaning(
        status: .moderated,
        sentence: "the prompt was refused by moderation before any work began; change it")
    }
    if isUnder("ASSET", code) {
      return Meaning(
        status: .rejected, sentence: "a reference picture cannot be used; replace the file")
    }
    if isUnder("THIRD_PARTY.INPUT_VALIDATION", code) {
      return Meaning(status: .rejected, sentence: "the model refused the request; change it")
    }
    if isUnder("THIRD_PARTY", code) {
      return Meaning(
        status: .failed, sentence: "the model is not available at the moment; submit again later",
        retryable: true)
    }
    return Meaning(
      status: .failed, sentence: "the service failed on its side; submit again later", retryable: true)
  }

  /// `code` is nil where the service gave none.
  package static func failure(code: String?) -> Failure {
    let meaning = meaning(code ?? "")
    let named: Sentence = code.map { " (\($0))" } ?? ""
    var failure = Failure(meaning.status, "\(meaning.sentence)\(named)")
    failure.retryable = meaning.retryable
    failure.maySpend = meaning.charged
    failure.serviceCode = code ?? ""
    return failure
  }

  /// Whole dotted parts only: "ASSETS.X" is not under "ASSET".
  @inline(never)
  private static func isUnder(_ beginning: StaticString, _ code: String) -> Bool {
    let rest = code.bytes.dropFirst(beginning.utf8CodeUnitCount)
    return code.begins(with: beginning) && (rest.isEmpty || rest.first == UInt8(ascii: "."))
  }
}
