// One thing on nothing: a sprite or an icon, drawn where its scene would have it, then moved and sized to
// fill the picture. What no shape covers stays transparent.

func composeCutOut(on stage: Stage) {
  stage.wash(0, 1, price: 9) { _, span in
    span.pixels.update(repeating: Colour(repeating: 0), count: span.count)
  }
  if let subject = stage.wish.subjects.first, !stage.wish.wantsAny(of: cutOuts),
    let icon = Nouns.icon(subject.icon)
  {
    return compose(icon, of: subject, on: stage)
  }
  stage.draw(price: 12) { drawing in
    drawThing(on: drawing, stage)
    drawing.fit(width: stage.w, height: stage.h, margin: min(stage.w, stage.h) * 0.06)
  }
}

/// What a cut-out can be.
let cutOuts = Concepts(
  .castle, .village, .farm, .car, .pagoda, .lantern, .koi, .tree, .pine, .forest, .blossom, .flower, .rock,
  .stone,
  .sun, .moon, .star)

/// What no scene knows, as large as the picture takes.
private func compose(_ icon: Icon, of subject: Subject, on stage: Stage) {
  let size = icon.most - icon.least
  let scale = min(stage.w / max(size.x, 1), stage.h / max(size.y, 1)) * 0.86
  stage.add(
    LitForm(
      icon, pin: (icon.most + icon.least) * 0.5, at: Point(stage.w, stage.h) * 0.5,
      scale: Point(scale, scale),
      colour: subject.colour ?? icon.colour, subject.sheen, stage))
}

private func drawThing(on drawing: Drawing, _ stage: Stage) {
  let wish = stage.wish
  let unit = stage.unit
  let foot = Point(stage.w * 0.5, stage.h * 0.8)
  if wish.wants(.castle) {
    drawCastle(on: drawing, at: foot, stage)
  } else if wish.wantsAny(.village, .farm) {
    let isBarn = wish.wants(.farm)
    drawHouse(
      House(
        foot: foot, size: unit * 0.5, facing: stage.facing, distance: 0,
        wall: wish.colour(of: .village, .farm, orAny: true) ?? Colour(hex: isBarn ? 0xa83a2e : 0xefe4cf),
        roof: Colour(hex: isBarn ? 0x5c5a5e : 0x9c4a35), timbered: !isBarn),
      on: drawing, stage)
  } else if wish.wants(.car) {
    drawCar(on: drawing, stage, isWet: false)
  } else if wish.wants(.pagoda) {
    draw(Pagoda(foot: foot, height: unit * 0.7), on: drawing, stage)
  } else if wish.wants(.lantern) {
    draw(Lantern(foot: foot, height: unit * 0.7), on: drawing, stage)
  } else if wish.wants(.koi) {
    drawFish(on: drawing, at: foot, unit * 0.3, stage)
  } else if wish.wantsAny(.rock, .stone) {
    drawRock(at: foot, size: unit * 0.3, on: drawing, stage)
  } else if wish.wantsAny(.sun, .moon, .star) {
    drawLuminary(on: drawing, stage)
  } else {
    drawTree(on: drawing, at: foot, stage)
  }
}

private func drawTree(on drawing: Drawing, at foot: Point, _ stage: Stage) {
  let wish = stage.wish
  let unit = stage.unit
  if wish.wants(.pine) {
    drawPine(
      at: foot, height: unit * 0.7,
      colour: wish.colour(of: .pine, .tree, orAny: true) ?? Colour(hex: 0x3c6247), distance: 0,
      on: drawing, stage)
    return
  }
  let isBlossom = wish.wantsAny(.blossom, .flower)
  let leaf = wish.colour(of: .tree, .blossom, .flower, .forest, orAny: true)
  let season = Colour(hex: wish.wants(.autumn) ? 0xd98a2b : (isBlossom ? 0xf5b3cb : 0x6a9a44))
  draw(
    CherryTree(root: foot, height: unit * 0.7, lean: stage.facing * 0.10, blossom: leaf ?? season),
    on: drawing, stage)
}

private func drawLuminary(on drawing: Drawing, _ stage: Stage) {
  let middle = Point(stage.w * 0.5, stage.h * 0.5)
  let radius = stage.unit * 0.3
  let isMoon = stage.wish.wants(.moon)
  if stage.wish.wants(.star), !isMoon {
    for corner in 0..<10 {
      let point =
        middle
        + Point.polar(Float(corner) / 10 * fullTurn - fullTurn / 4, corner % 2 == 0 ? radius : radius * 0.42)
      if corner == 0 { drawing.move(point) } else { drawing.line(point) }
    }
  } else {
    drawing.ellipse(middle, radius, radius)
  }
  let colour =
    stage.wish.colour(of: .sun, .moon, .star, orAny: true) ?? Colour(hex: isMoon ? 0xe9e4d0 : 0xffc93c)
  drawing.fill(
    Paint.gradient(
      colour.lightened(0.35), middle - Point(radius, radius) * 0.7, colour * 0.72,
      middle + Point(radius, radius) * 0.8
    ).grained(isMoon ? 0.22 : 0.06, size: radius * 0.3))
  guard isMoon else { return }
  for _ in 0..<9 {
    let spot = middle + Point.polar(stage.random.unit() * fullTurn, radius * stage.random.between(0, 0.72))
    let size = radius * stage.random.between(0.07, 0.20)
    drawing.spot(spot, size * 1.3, size * 1.3, .flat(colour * 0.62, 0.6))
  }
}
