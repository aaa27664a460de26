// A picture is a list of layers, painted in order. A layer can stop after any small piece, because a
// cancelled task must be felt at once and a host without threads paints between its frames.

protocol Layer: AnyObject {
  /// About how many nanoseconds all of it takes.
  var cost: Int { get }
  /// Paints about `budget` nanoseconds' worth, at least one piece. True while there is more.
  func paint(on canvas: Canvas, budget: Int) -> Bool
}

/// A layer that knows the colour of each pixel by itself: sky, water, mist.
final class Wash: Layer {
  private let rows: Range<Int>
  private let width: Int
  private let price: Int
  private let paintSpan: (Canvas, RowSpan) -> Void
  private var nextRow: Int
  private var nextColumn = 0

  /// `price` is what one pixel takes, in nanoseconds.
  init(rows: Range<Int>, width: Int, price: Int, _ paintSpan: @escaping (Canvas, RowSpan) -> Void) {
    self.rows = rows
    self.width = width
    self.price = price
    self.paintSpan = paintSpan
    nextRow = rows.lowerBound
  }

  var cost: Int { rows.count * width * price }

  func paint(on canvas: Canvas, budget: Int) -> Bool {
    var left = budget
    while nextRow < rows.upperBound {
      let count = min(RowSpan.limit, width - nextColumn)
      paintSpan(canvas, canvas.span(y: nextRow, x: nextColumn, count: count))
      nextColumn += count
      if nextColumn == width {
        nextColumn = 0
        nextRow += 1
      }
      left -= count * price
      if left <= 0 { return nextRow < rows.upperBound }
    }
    return false
  }
}
