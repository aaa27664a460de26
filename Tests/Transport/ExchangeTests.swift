// What the words of an exchange promise.

import Testing

@testable import Transport

@Suite struct ExchangeTests {}
