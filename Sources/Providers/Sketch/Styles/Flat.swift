// Few colours: a poster, whose areas meet in clean edges, and pixel art, on a coarse grid with an ordered
// dither.

@inline(never)
func addPoster(to stage: Stage, _ sketch: Sketch) {
  let palette = LatePalette()
  let grain = stage.random.noise()
  let reach = max(1, floorToInt(stage.unit * 0.0042))
  let unit = stage.unit
  stage.wash(0, 1, price: 190, prepare: { palette.colours = Palette(of: sketch, 9) }) { canvas, span in
    guard let colours = palette.colours else { return }
    let tooth = canvas.scratch(0)
    let fine = 1 / (unit * 0.004)
    grain.fractal(
      to: tooth, count: span.count, x: Float(span.x) * fine, step: fine, y: Float(span.y) * fine, octaves: 2,
      gain: 0.8)
    for column in 0..<span.count {
      let x = span.x + column
      let seen = (sketch.around(x, span.y, reach) + sketch.around(x, span.y, reach * 2)) * 0.5
      let found = colours.nearest(to: seen)
      let first = colours.colours[found.first]
      let second = colours.colours[found.second]
      // Half-way between two colours lies an edge: as soft as the sketch is there, so never jagged.
      let between = found.near.squareRoot() / max(1e-6, found.near.squareRoot() + found.far.squareRoot())
      let flat = first.mixed(with: second, smoothstep(0.46, 0.54, between) * 0.5)
      span.pixels[column] = flat.saturated(1.18) * (1 + 0.030 * tooth[column])
    }
  }
}

/// Chosen when the picture below it is there.
private final class LatePalette {
  var colours: Palette?
}

/// Thresholds of an ordered dither, row by row, in sixteenths.
private let bayer: [Float] = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]

@inline(never)
func addPixels(to stage: Stage, _ sketch: Sketch) {
  let palette = LatePalette()
  let cell = max(2, floorToInt(min(stage.w, stage.h) / 128 + 0.5))
  stage.wash(0, 1, price: 12, prepare: { palette.colours = Palette(of: sketch, 24) }) { _, span in
    guard let colours = palette.colours else { return }
    let row = span.y / cell
    var column = 0
    while column < span.count {
      let block = (span.x + column) / cell
      let end = min(span.count, (block + 1) * cell - span.x)
      let left = block * cell
      let top = row * cell
      var sum = Colour(repeating: 0)
      for dy in 0..<3 {
        for dx in 0..<3 { sum += sketch.at(left + (2 * dx + 1) * cell / 6, top + (2 * dy + 1) * cell / 6) }
      }
      // A cell is there or it is not.
      let covered = sum.w / 9
      if sketch.isCutOut { sum *= 1 / max(covered, 0.1) }
      let seen = (sum * (1 / 9)).saturated(1.12)
      let found = colours.nearest(to: seen)
      let near = found.near.squareRoot()
      let share = near / max(1e-6, near + found.far.squareRoot())
      // Only what lies well between two colours is dithered: flat areas stay flat.
      let threshold = 0.30 + 0.40 * (bayer[row % 4 * 4 + block % 4] + 0.5) / 16
      let colour = colours.colours[share > threshold ? found.second : found.first].saturated(1.1)
      var solid = colour
      solid.w = 1
      if sketch.isCutOut, covered < 0.5 { solid = Colour(repeating: 0) }
      while column < end {
        span.pixels[column] = solid
        column += 1
      }
    }
  }
}
