// What the words of an exchange promise.

import Testing

@testable import Runway

@Suite struct WireTests {}
