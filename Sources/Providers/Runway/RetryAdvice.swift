// When the service would like to be asked again: three headers, of which any may be missing, nonsense or a lie.

import Core
import Transport

enum RetryAdvice {
  /// Longer pauses are ignored; the library's own rhythm is better than an hour of silence.
  private static let maxMilliseconds: Int64 = 60_000

  /// Milliseconds, or 0 when the answer does not say, or asks for none or for more than a minute. The first header that
  /// can be read decides: `retry-after-ms`, then `Retry-After` in seconds, then as a date.
  static func pause(_ headers: HTTPAnswerHeaders, unixSeconds now: Int64) -> Int64 {
    let asked =
      thousandths(headers.retryAfterMs, scale: 1) ?? thousandths(headers.retryAfter, scale: 1000)
      ?? milliseconds(untilDate: headers.retryAfter, from: now) ?? 0
    return asked > 0 && asked <= maxMilliseconds ? asked : 0
  }

  /// What the service says of repeating, whatever the status; nil when it says nothing. Nothing but these two words.
  static func shouldRetry(_ headers: HTTPAnswerHeaders) -> Bool? {
    headers.shouldRetry.is("true") ? true : headers.shouldRetry.is("false") ? false : nil
  }

  /// A decimal number such as "1.5" times `scale`, rounded up; nil for what is no number. A negative one is 0.
  private static func thousandths(_ text: String?, scale: Int64) -> Int64? {
    guard let text else { return nil }
    let isNegative = text.begins(with: "-")
    let number = text.bytes.dropFirst(isNegative ? 1 : 0)
    let whole = number.prefix { $0 != UInt8(ascii: ".") }
    let fraction = number.dropFirst(whole.count + 1)
    guard let value = decimal(whole), fraction.allSatisfy({ $0.isDigit }) else { return nil }
    if isNegative { return 0 }
    var rest: Int64 = 0
    var unit = scale
    for digit in fraction.prefix(3) {
      unit /= 10
      rest += Int64(digit - UInt8(ascii: "0")) * unit
    }
    if scale == 1 { rest = fraction.contains { $0 != UInt8(ascii: "0") } ? 1 : 0 }
    return Int64(value) * scale + rest
  }

  private static func milliseconds(untilDate text: String?, from now: Int64) -> Int64? {
    guard let text, let date = unixSeconds(ofDate: text) else { return nil }
    let (seconds, overflow) = date.subtractingReportingOverflow(now)
    return overflow ? 0 : seconds.multipliedSaturating(by: 1000)
  }

  private static let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"

  /// Reads "Sun, 06 Nov 1994 08:49:37 GMT", the one form servers may still send; nil for anything else.
  static func unixSeconds(ofDate text: String) -> Int64? {
    let bytes = text.bytes
    func part(_ offset: Int, _ count: Int) -> ArraySlice<UInt8> { bytes.dropFirst(offset).prefix(count) }
    guard bytes.count == 29, String(part(3, 2)).is(", "), String(part(25, 4)).is(" GMT"),
      let day = decimal(part(5, 2)), let month = month(part(8, 3)), let year = decimal(part(12, 4)),
      let hour = decimal(part(17, 2)), let minute = decimal(part(20, 2)), let second = decimal(part(23, 2)),
      hour < 24, minute < 60, second <= 60, let date = CalendarDay(year: year, month: month, day: day)
    else { return nil }
    return Int64(date.number) * 86400 + Int64(hour * 3600 + minute * 60 + second)
  }

  private static func month(_ name: ArraySlice<UInt8>) -> Int? {
    let months = String(months).bytes
    for month in 0..<12 where months.dropFirst(month * 3).prefix(3) == name { return month + 1 }
    return nil
  }
}
