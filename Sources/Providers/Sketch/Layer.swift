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
  private var prepare: (() -> Void)?
  private let paintSpan: (Canvas, RowSpan) -> Void
  private var nextRow: Int

  /// `price` is what one pixel takes, in nanoseconds. `prepare` is called once, when the layer's turn comes.
  init(
    rows: Range<Int>, width: Int, price: Int, prepare: (() -> Void)?,
    _ paintSpan: @escaping (Canvas, RowSpan) -> Void
  ) {
    self.rows = rows
    self.width = width
    self.price = price
    self.prepare = prepare
    self.paintSpan = paintSpan
    nextRow = rows.lowerBound
  }

  var cost: Int { rows.count * width * price }

  func paint(on canvas: Canvas, budget: Int) -> Bool {
    prepare?()
    prepare = nil
    let end = min(rows.upperBound, nextRow + max(1, budget / max(1, width * price)))
    let (width, paintSpan) = (width, paintSpan)
    canvas.share(nextRow..<end) { canvas, rows in
      for row in rows {
        var column = 0
        while column < width {
          let count = min(RowSpan.limit, width - column)
          paintSpan(canvas, canvas.span(y: row, x: column, count: count))
          column += count
        }
      }
    }
    nextRow = end
    return nextRow < rows.upperBound
  }
}
