// Days of the calendar, for the usage report's bounds and for the dates of HTTP.

import Core

/// A day of the Gregorian calendar, counted from 1970-01-01.
struct CalendarDay {
  let number: Int

  /// nil for a day no calendar has. Years 1 to 9999.
  init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= CalendarDay.length(of: month, year)
    else { return nil }
    // Counted from 1 March of the year 0, so that a leap day is the last of its year.
    let years = month > 2 ? year : year - 1
    let days = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    number = years * 365 + years / 4 - years / 100 + years / 400 + days - 719_468
  }

  /// Reads "2026-11-22"; `name` is the parameter to blame.
  init(_ text: String, _ name: StaticString) throws(Failure) {
    let bytes = text.bytes
    guard bytes.count == 10, bytes[bytes.startIndex + 4] == UInt8(ascii: "-"),
      bytes[bytes.startIndex + 7] == UInt8(ascii: "-"),
      let year = decimal(bytes.prefix(4)), let month = decimal(bytes.dropFirst(5).prefix(2)),
      let day = decimal(bytes.suffix(2)), let found = CalendarDay(year: year, month: month, day: day)
    else { throw Failure(.argument, at: name, "\(name) must be a day such as 2026-11-22") }
    self = found
  }

  private static func length(of month: Int, _ year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
