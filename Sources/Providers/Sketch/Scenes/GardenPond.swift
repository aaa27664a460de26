// The near half of the garden: the pond's life, the bank with the lantern, and the great cherry tree.

/// Koi, pads and petals, all in the open water between the banks.
func drawPond(on drawing: Drawing, _ stage: Stage) {
  let unit = stage.unit
  for group in 0..<4 {
    let share = stage.random.between(0.30, 0.72) + (group == 0 ? 0.1 : 0)
    let down = mix(0.63, 0.83, Float(group) / 3) + stage.random.between(-0.02, 0.02)
    drawLilyPads(
      around: Point(stage.x(group % 2 == 0 ? share : 0.12 + share * 0.4), down * stage.h),
      size: unit * mix(0.012, 0.036, (down - 0.6) / 0.26), count: stage.random.whole(4, 8), on: drawing, stage
    )
  }
  let count = stage.random.whole(5, 7)
  for index in 0..<count {
    let row = (Float(index) + stage.random.between(0.2, 0.8)) / Float(count)
    let down = mix(0.67, 0.875, row)
    // Spread over the width by the golden section, so that no two lie upon each other.
    let share = 0.28 + 0.52 * fraction(Float(index) * 0.618 + stage.random.between(0, 0.12) + 0.2)
    let place = Point(stage.x(share), down * stage.h)
    let koi = Koi.random(&stage.random, at: place, length: unit * mix(0.085, 0.15, row))
    draw(koi, on: drawing, stage)
    if index % 3 == 0 { drawRings(at: koi.place(0, 0), size: koi.length * 0.45, on: drawing, stage) }
  }
  drawPetals(
    130, from: 0.585, to: 0.93, size: unit * 0.0058, colour: blossomColour(stage), flat: true, on: drawing,
    stage)
}

private func fraction(_ value: Float) -> Float { value - Float(floorToInt(value)) }

/// The bank in front: low in the middle, rising to both sides.
func drawNearBank(on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let unit = stage.unit
  let noise = stage.random.noise()
  let mirrored = stage.isMirrored
  let bank = Outline(stage) { share in
    let place = mirrored ? 1 - share : share
    let sides = 0.105 * smoothstep(0.30, 0, place) + 0.135 * smoothstep(0.66, 0.96, place)
    let bumps = 0.014 * noise.fractal(at: share * 9 * stage.w / unit, 1.5, octaves: 4)
    return stage.h * 0.975 - (sides + bumps) * unit
  }
  // Wet earth and shade where the bank meets the water, fading outwards.
  for step in 0..<4 {
    let lift = unit * 0.004 * Float(3 - step)
    fillBelow(Outline(stage) { bank.row(at: $0 * stage.w) - lift }, to: 1.02, drawing, stage)
    drawing.fill(air.shaded(Colour(hex: 0x38452f), 0.15), step == 3 ? 0.7 : 0.2)
  }
  let turf = Outline(stage) { bank.row(at: $0 * stage.w) + unit * 0.009 }
  fillBelow(turf, to: 1.02, drawing, stage)
  let green =
    air.isSnowy ? Colour(hex: 0xe6eef6) : (stage.wish.colour(of: .grass, .ground) ?? Colour(hex: 0x7aa04c))
  drawing.fill(
    Paint.vertical(air.shaded(green, 0.85), air.shaded(green * 0.8, 0.35), bank.top, stage.h)
      .grained(0.35, size: unit * 0.022))

  drawBankGrass(bank, 260, -0.004...0.03, on: drawing, stage)
  let lanternX = stage.x(stage.random.between(0.84, 0.90))
  let ground = bank.row(at: lanternX) + unit * 0.028
  drawing.spot(Point(lanternX, ground), unit * 0.085, unit * 0.018, .flat(air.shade * 0.4, 0.6))
  draw(
    Lantern(foot: Point(lanternX, ground), height: unit * stage.random.between(0.25, 0.29)), on: drawing,
    stage)
  for index in 0..<9 {
    let share = index < 5 ? stage.random.between(0.70, 0.99) : stage.random.between(0.0, 0.30)
    let x = stage.x(share)
    if abs(x - lanternX) < unit * 0.06 { continue }
    drawRock(
      at: Point(x, bank.row(at: x) + unit * stage.random.between(0.008, 0.03)),
      size: unit * stage.random.between(0.018, 0.046), on: drawing, stage, moss: 0.6)
  }
  for _ in 0..<5 {
    let x = stage.x(stage.random.between(0.74, 1.0))
    let size = unit * stage.random.between(0.022, 0.034)
    drawFoliage(
      at: Point(x, bank.row(at: x) + unit * 0.05), size * 1.6, size, colour: Colour(hex: 0x58853f),
      distance: 0,
      leaves: 70, on: drawing, stage)
  }
  drawBankGrass(bank, 420, 0.03...0.14, on: drawing, stage)
}

private func drawBankGrass(
  _ bank: Outline, _ count: Int, _ depth: ClosedRange<Float>, on drawing: Drawing, _ stage: Stage
) {
  guard !stage.air.isSnowy else { return }
  let unit = stage.unit
  for blade in 0..<count {
    let down = mix(depth.lowerBound, depth.upperBound, Float(blade) / Float(count))
    let x = stage.random.unit() * stage.w
    let foot = Point(x, bank.row(at: x) + down * unit + unit * 0.012)
    if foot.y > stage.h + unit * 0.02 { continue }
    drawBlade(
      foot, unit * stage.random.between(0.014, 0.030) * (1 + 3 * down), Colour(hex: 0x7fa34b), stage.air,
      on: drawing,
      &stage.random)
  }
}

/// The tree of the picture, rooted in a corner and reaching over the water.
func drawCherry(on drawing: Drawing, _ stage: Stage) {
  let unit = stage.unit
  let share: Float = stage.random.between(0.06, 0.11)
  // In a tall picture the width is the limit: the tree must not hide the garden.
  let tall = min(stage.h * 0.86, unit * 1.08) * stage.random.between(0.94, 1.02)
  let tree = CherryTree(
    root: Point(stage.x(share), stage.h * 0.955), height: tall,
    lean: stage.facing * stage.random.between(0.10, 0.24), blossom: blossomColour(stage), forks: 5,
    petals: 35,
    spread: 1.12)
  drawing.spot(tree.root, unit * 0.13, unit * 0.022, .flat(stage.air.shade * 0.4, 0.55))
  draw(tree, on: drawing, stage)
  for _ in 0..<24 {
    let x = tree.root.x + unit * stage.random.between(-0.08, 0.08)
    drawBlade(
      Point(x, tree.root.y + unit * stage.random.between(0, 0.025)), unit * stage.random.between(0.02, 0.045),
      Colour(hex: 0x7fa34b), stage.air, on: drawing, &stage.random)
  }
  drawPetals(
    80, from: 0.06, to: 0.97, size: unit * 0.0062, colour: blossomColour(stage), flat: false, on: drawing,
    stage)
}
