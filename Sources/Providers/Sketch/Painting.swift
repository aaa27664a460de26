// One picture on its way, from the words of its prompt to the bytes of its file, in steps short enough to be
// interrupted between any two.

package import Core
package import Platform

package final class Painting {
  private let commission: Commission
  private let calledOff: CallOff
  let canvas: Canvas
  private let layers: [any Layer]
  private let totalCost: Int
  private var finishedCost = 0
  private var nextLayer = 0
  private var finish: Finish?
  private var lastPermille = 0

  /// The words of the prompt that the picture shows, and those it does not know. Known from the start.
  package let understood: [String]
  package let ignored: [String]
  /// The complete file, once `step` has returned false.
  package private(set) var file: Buffer?
  /// A fingerprint of the finished picture's RGB bytes.
  package private(set) var pixelHash: UInt64 = 0

  /// How much a step may do, in nanoseconds of the machine the prices were measured on. A third of the
  /// promised 10 ms, because machines are slower than that one and prices are estimates.
  private static let stepBudget = 3_000_000

  package convenience init(_ commission: Commission, _ calledOff: CallOff = CallOff()) throws(Failure) {
    try self.init(commission, calledOff, workers: nil)
  }

  /// Reads the prompt and plans the picture. Workers with nothing else to do help to paint it, if it is large. Throws
  /// `noMemory` when there is none for the canvas.
  init(_ commission: Commission, _ calledOff: CallOff, workers: Workers?) throws(Failure) {
    self.commission = commission
    self.calledOff = calledOff
    canvas = try Canvas(width: commission.width, height: commission.height)
    let wish = Wish(prompt: commission.prompt)
    understood = wish.understood
    ignored = wish.ignored
    canvas.isCutOut = wish.scene == .cutOut
    let stage = Stage(commission, wish)
    composeScene(on: stage)
    composeSubjects(on: stage)
    try addStyle(to: stage)
    layers = stage.takeLayers()
    var cost = Finish.cost(of: canvas)
    for layer in layers { cost += layer.cost }
    totalCost = max(1, cost)
    if let workers, commission.width * commission.height >= Painting.sharedFrom {
      canvas.crew = workers.crew(for: canvas)
    }
  }

  deinit { canvas.crew?.end() }

  /// Pixels of a picture that is worth a second thread.
  private static let sharedFrom = 250_000

  /// How far it is, 0 to 1000, by the time things take. Never falls.
  package var permille: Int {
    file == nil ? lastPermille : 1000
  }

  /// Paints the next piece, or writes the next rows of the file: a few milliseconds of work. True while there
  /// is more.
  package func step() throws(Failure) -> Bool {
    guard file == nil else { return false }
    if nextLayer < layers.count {
      paintPiece()
    } else {
      try encodePiece()
    }
    let share = min(finishedCost, totalCost) / max(1, totalCost / 1000)
    lastPermille = max(lastPermille, min(999, share))
    return file == nil
  }

  private func paintPiece() {
    var left = Painting.stepBudget * canvas.hands
    while nextLayer < layers.count, left > 0 {
      let layer = layers[nextLayer]
      let isUnfinished = layer.paint(on: canvas, budget: left)
      // A layer that did not use its budget up was short: its whole cost bounds what it took.
      let spent = isUnfinished ? left : min(left, max(1, layer.cost))
      finishedCost += spent
      left -= spent
      if !isUnfinished { nextLayer += 1 }
    }
  }

  private func encodePiece() throws(Failure) {
    let finish: Finish
    if let begun = self.finish {
      finish = begun
    } else {
      finish = try Finish(canvas, commission, calledOff)
      self.finish = finish
    }
    let budget = Painting.stepBudget * canvas.hands
    finishedCost += budget
    if try finish.encode(budget: budget) { return }
    pixelHash = finish.hash
    file = finish.file
    self.finish = nil
  }
}
