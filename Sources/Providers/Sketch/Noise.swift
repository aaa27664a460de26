// Gradient noise, written for rows: along a row the lattice is walked once, so a sample costs a handful of
// multiplications instead of four hashes.

struct Noise {
  let seed: UInt32

  /// Adds `amplitude` times the noise (about -0.7...0.7) at (x + i * step, y) to each of `count` floats.
  ///
  /// With a period above 0 the lattice repeats after that many cells in both directions.
  @inline(never)
  @_optimize(speed)
  func add(
    to out: UnsafeMutablePointer<Float>, count: Int, x: Float, step: Float, y: Float, amplitude: Float,
    period: (x: Int, y: Int) = (0, 0)
  ) {
    let row = floorToInt(y)
    let below = y - Float(row)
    let blend = below * below * (3 - 2 * below)
    var index = 0
    var rightCell = Int.min
    var right = (slope: Float(0), offset: Float(0))
    while index < count {
      let cell = floorToInt(x + Float(index) * step)
      let left = cell == rightCell ? right : column(cell, row, below, blend, period)
      right = column(cell + 1, row, below, blend, period)
      rightCell = cell + 1
      let end = min(count, max(index + 1, floorToInt((Float(cell + 1) - x) / step) + 1))
      let start = x - Float(cell)
      while index < end {
        let along = start + Float(index) * step
        let share = along * along * (3 - 2 * along)
        let a = left.slope * along + left.offset
        let b = right.slope * (along - 1) + right.offset
        out[index] += (a + (b - a) * share) * amplitude
        index += 1
      }
    }
  }

  /// Octaves of noise on top of each other, each twice as fine and `gain` times as strong. Octaves finer than
  /// the pixels are left out: they could only flicker.
  @inline(never)
  @_optimize(speed)
  func fractal(
    to out: UnsafeMutablePointer<Float>, count: Int, x: Float, step: Float, y: Float, octaves: Int,
    amplitude: Float = 1, gain: Float = 0.5, period: (x: Int, y: Int) = (0, 0)
  ) {
    out.update(repeating: 0, count: count)
    var strength = amplitude
    var scale: Float = 1
    for octave in 0..<octaves where step * scale < 0.8 {
      Noise(seed: seed &+ UInt32(octave) &* 0x632b_e5ab).add(
        to: out, count: count, x: x * scale, step: step * scale, y: y * scale, amplitude: strength,
        period: (period.x << octave, period.y << octave))
      strength *= gain
      scale *= 2
    }
  }

  /// Octaves of sharp crests instead of round bumps, about 0 in the valleys to 1 on the crests. `work` is a
  /// second row to compute in.
  @inline(never)
  @_optimize(speed)
  func ridges(
    to out: UnsafeMutablePointer<Float>, work: UnsafeMutablePointer<Float>, count: Int, x: Float, step: Float,
    y: Float, octaves: Int, gain: Float
  ) {
    out.update(repeating: 0, count: count)
    var strength: Float = 0.5
    var scale: Float = 1
    for octave in 0..<octaves where step * scale < 0.8 {
      work.update(repeating: 0, count: count)
      Noise(seed: seed &+ UInt32(octave) &* 0x632b_e5ab).add(
        to: work, count: count, x: x * scale + Float(octave) * 17.3, step: step * scale, y: y * scale,
        amplitude: 2.2)
      for index in 0..<count { out[index] += (1 - abs(work[index])) * strength }
      strength *= gain
      scale *= 2.07
    }
  }

  /// One sample.
  @inline(never)
  func at(_ x: Float, _ y: Float) -> Float {
    var value: Float = 0
    add(to: &value, count: 1, x: x, step: 1, y: y, amplitude: 1)
    return value
  }

  @inline(never)
  @_optimize(speed)
  func fractal(at x: Float, _ y: Float, octaves: Int, gain: Float = 0.5) -> Float {
    var sum: Float = 0
    var strength: Float = 1
    var scale: Float = 1
    for octave in 0..<octaves {
      sum += Noise(seed: seed &+ UInt32(octave) &* 0x632b_e5ab).at(x * scale, y * scale) * strength
      strength *= gain
      scale *= 2
    }
    return sum
  }

  /// A fixed number from 0 up to 1 for each lattice cell.
  @inline(__always)
  func cell(_ x: Int, _ y: Int) -> Float { Float(hash(x, y) >> 8) * (1 / 16_777_216) }

  /// What one column of the lattice contributes at this height: a line in x.
  @inline(__always)
  @_optimize(speed)
  private func column(
    _ x: Int, _ y: Int, _ below: Float, _ blend: Float, _ period: (x: Int, y: Int)
  ) -> (slope: Float, offset: Float) {
    let column = period.x > 0 ? wrapped(x, period.x) : x
    let upper = gradient(column, period.y > 0 ? wrapped(y, period.y) : y)
    let lower = gradient(column, period.y > 0 ? wrapped(y + 1, period.y) : y + 1)
    let above = upper.y * below
    let under = lower.y * (below - 1)
    return (upper.x + (lower.x - upper.x) * blend, above + (under - above) * blend)
  }

  @inline(__always)
  @_optimize(speed)
  private func gradient(_ x: Int, _ y: Int) -> (x: Float, y: Float) {
    let bits = hash(x, y)
    return (Float(bits & 0xffff) * (1 / 32_768) - 1, Float(bits >> 16) * (1 / 32_768) - 1)
  }

  @inline(__always)
  @_optimize(speed)
  private func hash(_ x: Int, _ y: Int) -> UInt32 {
    var bits = UInt32(truncatingIfNeeded: x) &* 0x9e37_79b1
    bits ^= UInt32(truncatingIfNeeded: y) &* 0x85eb_ca77
    bits ^= seed &* 0xc2b2_ae3d
    bits ^= bits >> 15
    bits = bits &* 0x2c1b_3c6d
    bits ^= bits >> 12
    bits = bits &* 0x297a_2d39
    return bits ^ (bits >> 15)
  }
}

@inline(__always)
func wrapped(_ index: Int, _ count: Int) -> Int {
  let rest = index % count
  return rest < 0 ? rest + count : rest
}
