// The service's manners for hosts that test against sketch: a delay, a number of progress reports, a failure.

package import Core

/// What config `simulate` asks for.
package struct Simulation: Sendable {
  /// From submit to the end of the make-believe work.
  package var latency = Span.zero
  /// Before that the service holds the task back.
  package var throttled = Span.zero
  /// Progress reports on the way.
  package var steps = 4
  /// The task fails with this code instead of being painted.
  package var failureCode: String?
  /// The answer to each submit is lost on its way, and nobody learns whether there is a task.
  package var losesAnswers = false
  /// How long finished pictures stay here for who fetches them when they are wanted; nil where they are fetched at once.
  package var expiry: Span?
  /// What each task is said to cost.
  package var millicredits: Int64 = 0
  /// False: every picture is the same small sheet, for tests that want tasks and not pictures.
  package var paints = true

  package init() {}
}

/// One simulated task's timetable. The simulation is handed in each time, so that ten thousand hold no copies of it.
struct Schedule {
  enum Step {
    case quiet
    case running(permille: Int)
    case failed(Failure)
    case paint
  }

  private let start: Instant
  private var told: Int32 = 0
  private(set) var isThrottled: Bool

  init(_ simulation: Simulation, from submitted: Instant) {
    start = submitted + simulation.throttled
    isThrottled = simulation.throttled > .zero
  }

  /// When the next step is due.
  func next(_ simulation: Simulation) -> Instant {
    isThrottled ? start : at(Int(told) + 1, simulation)
  }

  /// Only the latest of the steps that are due; those before it are old news.
  mutating func advance(_ simulation: Simulation, now: Instant) -> Step {
    if isThrottled && now < start { return .quiet }
    let wasThrottled = isThrottled
    isThrottled = false
    if now >= at(simulation.steps + 1, simulation) {
      if let code = simulation.failureCode { return .failed(ServiceFailure.failure(code: code)) }
      return .paint
    }
    let before = told
    while Int(told) < simulation.steps && now >= at(Int(told) + 1, simulation) { told += 1 }
    return told > before || wasThrottled
      ? .running(permille: Int(told) * 1000 / (simulation.steps + 1)) : .quiet
  }

  private func at(_ step: Int, _ simulation: Simulation) -> Instant {
    let share = simulation.latency.nanoseconds / Int64(simulation.steps + 1)
    return step > simulation.steps
      ? start + simulation.latency : start + Span(nanoseconds: share * Int64(step))
  }
}
