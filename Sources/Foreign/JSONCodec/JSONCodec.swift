// JSON text to values and back: jansson's only door. Whatever the host did to the locale, numbers are read and
// written with a point, and jansson's global hooks stay the host's.

import CJansson
package import Core

package enum JSONCodec {
  /// Reads one JSON document; `what` names it in sentences, such as "req" or "config".
  ///
  /// Fails with `limit` (16 MiB, depth 64, a million values or fewer), `utf8`, `json` or `noMemory`. The sentences carry
  /// a position but never the text: it may be a secret. Any thread.
  package static func decode(
    _ text: UnsafeRawBufferPointer, what: StaticString, maxValues: Int = 1_000_000
  ) throws(Failure) -> JSON {
    try Scan.check(text, what: what, maxValues: maxValues)
    let locale = try CLocale()
    defer { locale.leave() }

    var error = json_error_t()
    let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
    let start = text.baseAddress?.assumingMemoryBound(to: CChar.self)
    guard let root = json_loadb(start, text.count, flags, &error) else {
      throw Refusal(error, in: text).failure(what)
    }
    defer { cj_release(root) }
    return try Reader.value(root)
  }

  /// Reads a document that is already a string.
  package static func decode(_ text: String, what: StaticString) throws(Failure) -> JSON {
    // Not by `withUTF8`, which brings along the tables of UTF-16 offsets (8 KB).
    var result = Result<JSON, Failure>.success(.null)
    text.lend { bytes in
      do throws(Failure) {
        result = .success(try decode(UnsafeRawBufferPointer(bytes), what: what))
      } catch {
        result = .failure(error)
      }
    }
    // Not by `get`, which crashed under both sanitizers.
    switch result {
    case .success(let value): return value
    case .failure(let failure): throw failure
    }
  }

  /// Writes a value without spaces, members in their order, everything above ASCII as it is.
  ///
  /// Fails with `noMemory`, with `limit` beyond depth 128, with `argument` for a real that is not a number. Any thread.
  package static func encode(_ value: JSON) throws(Failure) -> JSONText {
    let locale = try CLocale()
    defer { locale.leave() }

    let root = try Writer.value(value, depth: 0)
    defer { cj_release(root) }
    let text = JSONText()
    let context = Unmanaged.passUnretained(text).toOpaque()
    let outcome = json_dump_callback(
      root,
      { piece, size, context in
        guard let piece, let context else { return -1 }
        return Unmanaged<JSONText>.fromOpaque(context).takeUnretainedValue().append(piece, size) ? 0 : -1
      }, context, Int(JSON_COMPACT | JSON_ENCODE_ANY))
    guard outcome == 0 else { throw Writer.outOfMemory }
    return text
  }
}

/// The calling thread speaks the C locale until it leaves. jansson 2.14 asks the locale for the decimal point, and
/// aborts the process when that is longer than one byte.
private struct CLocale {
  private let own: locale_t
  private let previous: locale_t?

  init() throws(Failure) {
    guard let own = cj_c_locale() else { throw Writer.outOfMemory }
    self.own = own
    previous = uselocale(own)
  }

  func leave() {
    uselocale(previous)
    freelocale(own)
  }
}

/// Why jansson did not accept a text, in our words: its own quote the text.
private struct Refusal {
  private let status: Status
  private let sentence: StaticString
  private let place: Place

  init(_ error: json_error_t, in text: UnsafeRawBufferPointer) {
    var error = error
    place = Place(of: Int(error.position), in: text)
    (status, sentence) =
      switch cj_code(&error) {
      case json_error_out_of_memory: (.noMemory, "there is no memory to read it")
      case json_error_duplicate_key: (.json, "the key that ends here appears twice in its object; keep one")
      case json_error_premature_end_of_input: (.json, "the text ends too early; something is left open")
      case json_error_end_of_input_expected: (.json, "more text after the document; send one document")
      case json_error_numeric_overflow: (.json, "a number too large: integers take 64 bits, reals a double")
      default: (.json, "not valid JSON")
      }
  }

  func failure(_ what: StaticString) -> Failure {
    Failure(status, at: what, "\(what): \(place.sentence): \(sentence)")
  }
}
