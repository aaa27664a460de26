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

  /// Reads the prompt and plans the picture. Throws `noMemory` when there is none for the canvas.
  package init(_ commission: Commission, _ calledOff: CallOff = CallOff()) throws(Failure) {
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
  }

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
    var left = Painting.stepBudget
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
    finishedCost += Painting.stepBudget
    if try finish.encode(budget: Painting.stepBudget) { return }
    pixelHash = finish.hash
    file = finish.file
    self.finish = nil
  }
}
