// How a drawing reaches the canvas: shape by shape, in bands of rows that several hands may share.

extension Drawing {
  func paint(on canvas: Canvas, budget: Int) -> Bool {
    var left = budget - prepare()
    while nextShape < shapes.count {
      left -= paintSome(on: canvas, budget: max(1, left))
      if left <= 0 { break }
    }
    if nextShape < shapes.count { return true }
    release()
    return false
  }

  /// Paints some rows of a large shape, or several small ones. Returns about how many nanoseconds that took.
  private func paintSome(on canvas: Canvas, budget: Int) -> Int {
    let shape = shapes[nextShape]
    let rows = rows(of: shape)
    let width = columns(of: shape).count
    guard !rows.isEmpty, width > 0 else {
      nextShape += 1
      return 0
    }
    let price = Drawing.price(rows.count * width, shape)
    guard price > budget || nextRow > 0 else { return paintShapes(on: canvas, budget: budget) }
    let perRow = max(1, price / rows.count)
    let first = max(nextRow, rows.lowerBound)
    let end = min(rows.upperBound, first + max(1, budget / perRow))
    canvas.share(first..<end) { canvas, rows in self.lay(shape, rows, on: canvas) }
    nextRow = end
    if end == rows.upperBound {
      nextShape += 1
      nextRow = 0
    }
    return (end - first) * perRow
  }

  private func paintShapes(on canvas: Canvas, budget: Int) -> Int {
    let first = nextShape
    var spent = 0
    var (top, bottom) = (height, 0)
    while nextShape < shapes.count {
      let shape = shapes[nextShape]
      let rows = rows(of: shape)
      let price = Drawing.price(rows.count * columns(of: shape).count, shape)
      if nextShape > first, spent + price > budget { break }
      spent += price
      if !rows.isEmpty { (top, bottom) = (min(top, rows.lowerBound), max(bottom, rows.upperBound)) }
      nextShape += 1
    }
    let end = nextShape
    canvas.share(top..<max(top, bottom)) { canvas, band in
      for number in first..<end {
        let shape = self.shapes[number]
        let rows = self.rows(of: shape).clamped(to: band)
        if !rows.isEmpty { self.lay(shape, rows, on: canvas) }
      }
    }
    return spent
  }

  /// Paints a shape's part in these rows, in tiles small enough for the working memory.
  private func lay(_ shape: Shape, _ rows: Range<Int>, on canvas: Canvas) {
    let columns = columns(of: shape)
    var x = columns.lowerBound
    while x < columns.upperBound {
      let width = min(RowSpan.limit - AreaTile.margin, columns.upperBound - x)
      var y = rows.lowerBound
      while y < rows.upperBound {
        let height = min(Canvas.coverageLimit / (width + AreaTile.margin), rows.upperBound - y)
        let tile = AreaTile(x: x, y: y, width: width, height: height, area: canvas.coverage)
        switch shape.kind {
        case .path(let contours): paintPath(contours, shape.paint, tile, canvas)
        case .spot: paintSpot(shape, tile, canvas)
        case .dab(let radii, let along): paintDab(shape, radii, along, tile, canvas)
        }
        y += height
      }
      x += width
    }
  }

  @_optimize(speed)
  private func paintPath(_ contours: Range<Int>, _ paint: Paint, _ tile: AreaTile, _ canvas: Canvas) {
    tile.clear()
    let starts = starts
    points.withUnsafeBufferPointer { points in
      for contour in contours {
        var previous = points[starts[contour + 1] - 1]
        for index in starts[contour]..<starts[contour + 1] {
          tile.add(edge: previous, points[index])
          previous = points[index]
        }
      }
    }
    for row in 0..<tile.height {
      let cells = tile.area + row * tile.stride
      var sum: Float = 0
      for column in 0..<tile.width {
        sum += cells[column]
        let covered = abs(sum)
        cells[column] = covered < 1 ? covered : 1
      }
      blend(paint, canvas.span(y: tile.y + row, x: tile.x, count: tile.width), cells, canvas)
    }
  }

  /// The distance to the rim, in pixels, is near enough to the area covered when the ellipse is small.
  @_optimize(speed)
  private func paintDab(_ shape: Shape, _ radii: Point, _ along: Point, _ tile: AreaTile, _ canvas: Canvas) {
    let centreX = (shape.left + shape.right) * 0.5
    let centreY = (shape.top + shape.bottom) * 0.5
    let perX = 1 / max(radii.x, 0.35)
    let perY = 1 / max(radii.y, 0.35)
    let softness = min(max(radii.x, 0.35), max(radii.y, 0.35))
    var colour = shape.paint.from
    colour.w = 1
    let opacity = shape.paint.opacity
    for row in 0..<tile.height {
      let pixels = canvas.row(tile.y + row) + tile.x
      let dy = Float(tile.y + row) + 0.5 - centreY
      for column in 0..<tile.width {
        let dx = Float(tile.x + column) + 0.5 - centreX
        let u = (dx * along.x + dy * along.y) * perX
        let v = (dy * along.x - dx * along.y) * perY
        let cover = clamp((1 - (u * u + v * v).squareRoot()) * softness + 0.5)
        if cover > 0 { pixels[column] = pixels[column].mixed(with: colour, cover * opacity) }
      }
    }
  }

  @_optimize(speed)
  private func paintSpot(_ shape: Shape, _ tile: AreaTile, _ canvas: Canvas) {
    let rx = max((shape.right - shape.left) * 0.5, 1e-3)
    let ry = max((shape.bottom - shape.top) * 0.5, 1e-3)
    let centreX = (shape.left + shape.right) * 0.5
    let centreY = (shape.top + shape.bottom) * 0.5
    for row in 0..<tile.height {
      let dy = (Float(tile.y + row) + 0.5 - centreY) / ry
      for column in 0..<tile.width {
        let dx = (Float(tile.x + column) + 0.5 - centreX) / rx
        let inside = max(0, 1 - dx * dx - dy * dy)
        tile.area[column] = inside * inside * inside
      }
      blend(shape.paint, canvas.span(y: tile.y + row, x: tile.x, count: tile.width), tile.area, canvas)
    }
  }

  /// Coverage too faint to see.
  private static let tooLittle: Float = 0.002

  /// Lays the paint over a span, as thick as `coverage` says.
  @_optimize(speed)
  private func blend(
    _ paint: Paint, _ span: RowSpan, _ coverage: UnsafeMutablePointer<Float>, _ canvas: Canvas
  ) {
    // Most of a shape's tile lies beside the shape; grain there would be computed for nothing.
    var first = 0
    var end = span.count
    while first < end, coverage[first] < Drawing.tooLittle { first += 1 }
    while end > first, coverage[end - 1] < Drawing.tooLittle { end -= 1 }
    guard first < end else { return }
    let inner = RowSpan(y: span.y, x: span.x + first, count: end - first, pixels: span.pixels + first)
    blendInner(paint, inner, coverage + first, canvas)
  }

  @_optimize(speed)
  private func blendInner(
    _ paint: Paint, _ span: RowSpan, _ coverage: UnsafeMutablePointer<Float>, _ canvas: Canvas
  ) {
    // The fourth lane is what a cut-out shows: all of what covers, as much of a light as is bright.
    var paint = paint
    paint.from.w = paint.isLight ? paint.from.luminance : 1
    paint.to.w = paint.isLight ? paint.to.luminance : 1
    let axis = paint.end - paint.start
    let squared = axis.x * axis.x + axis.y * axis.y
    if squared == 0, !paint.isLight, paint.grain == 0 {
      return blendFlat(paint.from, paint.opacity, span, coverage)
    }
    let mottles = canvas.scratch(7)
    if paint.grain > 0 { mottle(paint, span, mottles) }
    let perUnit = squared > 0 ? 1 / squared : 0
    let from = Point(Float(span.x) + 0.5, Float(span.y) + 0.5) - paint.start
    let shareAtStart = (from.x * axis.x + from.y * axis.y) * perUnit
    let sharePerPixel = axis.x * perUnit
    let change = paint.to - paint.from
    for column in 0..<span.count {
      let cover = coverage[column] * paint.opacity
      if cover < Drawing.tooLittle { continue }
      var colour = paint.from + change * clamp(shareAtStart + Float(column) * sharePerPixel)
      if paint.grain > 0 {
        colour *= 1 + mottles[column]
        colour.w = 1
      }
      let old = span.pixels[column]
      span.pixels[column] = paint.isLight ? old.screened(colour * cover) : old.mixed(with: colour, cover)
    }
  }

  private func blendFlat(
    _ colour: Colour, _ opacity: Float, _ span: RowSpan, _ coverage: UnsafeMutablePointer<Float>
  ) {
    for column in 0..<span.count {
      let cover = coverage[column] * opacity
      if cover < Drawing.tooLittle { continue }
      span.pixels[column] = span.pixels[column].mixed(with: colour, cover)
    }
  }

  @_optimize(speed)
  private func mottle(_ paint: Paint, _ span: RowSpan, _ out: UnsafeMutablePointer<Float>) {
    let step = 1 / paint.grainSize
    Noise(seed: 0x67a1).fractal(
      to: out, count: span.count, x: Float(span.x) * step, step: step, y: Float(span.y) * step, octaves: 3,
      amplitude: paint.grain, gain: 0.6)
  }
}
