// The service's API as two pure functions: an operation becomes an HTTP request, a response becomes an answer or a
// setback. Nothing here waits, sends or remembers.

import Core
import Transport

enum Wire {
  /// The version of the API this is written against (contract, section 1).
  static let version: StaticString = "2024-11-06"
}
