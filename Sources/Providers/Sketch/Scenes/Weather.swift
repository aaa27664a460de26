// What falls through the air in front of a picture: rain and snow.

@inline(never)
func addWeather(to stage: Stage) {
  if stage.air.isRaining { stage.draw { drawRain(on: $0, stage) } }
  if stage.air.isSnowy { stage.draw { drawSnowfall(on: $0, stage) } }
}

private func drawRain(on drawing: Drawing, _ stage: Stage) {
  let unit = stage.unit
  let colour = stage.air.horizon.lightened(stage.air.isNight ? 0.25 : 0.5)
  let slant = stage.random.between(-0.22, 0.22)
  // Three depths: far drops are short, thin and faint.
  for depth in 1...3 {
    let near = Float(depth) / 3
    for _ in 0..<220 {
      let top = Point(stage.random.between(-0.1, 1.1) * stage.w, stage.random.between(-0.05, 1) * stage.h)
      let length = unit * 0.075 * near * stage.random.between(0.6, 1.2)
      drawing.taper(top, top + Point(slant * length, length), 0.3, max(0.5, unit * 0.0019 * near))
      drawing.fill(colour, 0.10 + 0.10 * near)
    }
  }
}

private func drawSnowfall(on drawing: Drawing, _ stage: Stage) {
  let unit = stage.unit
  let colour = stage.air.isNight ? Colour(hex: 0xd5def5) : Colour(hex: 0xffffff)
  for flake in 0..<420 {
    let near = Float(flake) / 420
    let size = unit * mix(0.0012, 0.0046, near * near) * stage.random.between(0.7, 1.2)
    let place = Point(stage.random.unit() * stage.w, stage.random.unit() * stage.h)
    drawing.dab(place, size, size, turned: 0, colour, mix(0.45, 0.85, near))
  }
}
