// The same pixels on every machine need the same arithmetic on every machine. libm differs between systems,
// so all but the square root is written out here, in operations that IEEE 754 defines to the last bit.

/// The whole number below `value`; a picture's arithmetic never needs more than 30 bits, so the rest is
/// clamped.
@inline(__always)
func floorToInt(_ value: Float) -> Int {
  guard value > -1_073_741_824 else { return -1_073_741_824 }  // NaN ends here as well.
  guard value < 1_073_741_824 else { return 1_073_741_824 }
  let truncated = Int(value)
  return Float(truncated) > value ? truncated - 1 : truncated
}

@inline(__always)
func clamp(_ value: Float, _ low: Float = 0, _ high: Float = 1) -> Float {
  value > low ? (value < high ? value : high) : low
}

@inline(__always)
func mix(_ from: Float, _ to: Float, _ share: Float) -> Float { from + (to - from) * share }

/// 0 up to `low`, 1 from `high` on, an S between them. `low` may be the greater one.
@inline(__always)
func smoothstep(_ low: Float, _ high: Float, _ value: Float) -> Float {
  let t = clamp((value - low) / (high - low))
  return t * t * (3 - 2 * t)
}

let fullTurn: Float = 6.283_185_5

@inline(never)
func sine(_ angle: Float) -> Float {
  let turns = angle / fullTurn
  var x = (turns - Float(floorToInt(turns + 0.5))) * fullTurn
  let quarter = fullTurn / 4
  if x > quarter { x = 2 * quarter - x } else if x < -quarter { x = -2 * quarter - x }
  let square = x * x
  let series = 0.008_333_331 + square * (-0.000_198_408_74 + square * 0.000_002_752_556_2)
  return x * (1 + square * (-0.166_666_67 + square * series))
}

@inline(never)
func cosine(_ angle: Float) -> Float { sine(angle + fullTurn / 4) }

@inline(never)
func exponential(_ power: Float) -> Float {
  let scaled = clamp(power * 1.442_695, -120, 120)
  let whole = floorToInt(scaled)
  let rest = (scaled - Float(whole)) * 0.693_147_2
  let series =
    1 + rest * (1 + rest * (0.5 + rest * (0.166_666_67 + rest * (0.041_666_67 + rest * 0.008_333_334))))
  return series * Float(bitPattern: UInt32(truncatingIfNeeded: whole + 127) << 23)
}

/// The natural logarithm of a positive number; 0 and below count as the smallest positive number.
@inline(never)
func logarithm(_ value: Float) -> Float {
  let bits = (value > 1e-30 ? value : 1e-30).bitPattern
  let exponent = Float(Int(bits >> 23) - 127)
  let mantissa = Float(bitPattern: (bits & 0x007f_ffff) | 0x3f80_0000)
  let s = (mantissa - 1) / (mantissa + 1)
  let square = s * s
  let series =
    2 * s * (1 + square * (0.333_333_34 + square * (0.2 + square * (0.142_857_15 + square * 0.111_111_1))))
  return exponent * 0.693_147_2 + series
}

@inline(never)
func power(_ base: Float, _ exponent: Float) -> Float {
  base > 0 ? exponential(logarithm(base) * exponent) : 0
}

/// The angle of the vector (x, y), from -half a turn to half a turn.
@inline(never)
func arcTangent(_ y: Float, _ x: Float) -> Float {
  let ax = abs(x)
  let ay = abs(y)
  let ratio = min(ax, ay) / max(max(ax, ay), 1e-20)
  let square = ratio * ratio
  var angle =
    ratio
    * (0.999_866 + square
      * (-0.330_299_5 + square * (0.180_141 + square * (-0.085_133 + square * 0.020_835_1))))
  if ay > ax { angle = fullTurn / 4 - angle }
  if x < 0 { angle = fullTurn / 2 - angle }
  return y < 0 ? -angle : angle
}

/// Chance that is the same everywhere: a counter, mixed.
struct Random {
  private var state: UInt64

  init(_ seed: UInt64, _ salt: UInt64 = 0) {
    state = seed &* 0x9e37_79b9_7f4a_7c15 ^ (salt &+ 1) &* 0xd1b5_4a32_d192_ed03
    _ = bits()
  }

  @inline(never)
  mutating func bits() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// From 0 up to, not including, 1.
  @inline(never)
  mutating func unit() -> Float { Float(bits() >> 40) * (1 / 16_777_216) }

  @inline(never)
  mutating func between(_ low: Float, _ high: Float) -> Float { low + (high - low) * unit() }

  @inline(never)
  mutating func chance(_ share: Float) -> Bool { unit() < share }

  @inline(never)
  mutating func whole(_ low: Int, _ high: Int) -> Int {
    low + Int(bits() >> 33) % max(1, high - low + 1)
  }

  @inline(never)
  mutating func noise() -> Noise { Noise(seed: UInt32(truncatingIfNeeded: bits())) }
}
