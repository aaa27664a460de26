// One building of a skyline: a body with a lit and a shaded side, setbacks or a mast on top, and its windows.

struct Tower {
  let left: Float
  let right: Float
  let top: Float
  let bottom: Float
  let style: SkylineStyle

  var width: Float { right - left }
  var height: Float { bottom - top }
}

func drawTower(_ tower: Tower, on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let facades: [UInt32] = [0x6b7484, 0x7d7f88, 0x8a7f78, 0x5d6b80, 0x747a7d, 0x96887c]
  let facade = Colour(hex: facades[stage.random.whole(0, facades.count - 1)])
  let night = air.isNight ? Colour(hex: 0x2a3350) : facade
  let body = air.distant(air.shaded(night, 0.62), tower.style.distance)
  let shade = air.distant(air.shaded(night * 0.72, 0.22), tower.style.distance)
  let foot = air.distant(body, 0.25)
  let sun: Float = air.sunX > 0.5 ? 1 : -1
  drawing.rectangle(tower.left, tower.top, tower.right, tower.bottom)
  drawTop(of: tower, on: drawing, &stage.random)
  drawing.fill(.vertical(body, foot, tower.top, tower.bottom))
  // The side away from the light.
  let turn = tower.width * stage.random.between(0.22, 0.42)
  if sun > 0 {
    drawing.rectangle(tower.left, tower.top, tower.left + turn, tower.bottom)
  } else {
    drawing.rectangle(tower.right - turn, tower.top, tower.right, tower.bottom)
  }
  drawing.fill(.vertical(shade, foot, tower.top, tower.bottom, 0.75))
  drawWindows(of: tower, on: drawing, stage)
}

private func drawTop(of tower: Tower, on drawing: Drawing, _ random: inout Random) {
  let middle = (tower.left + tower.right) * 0.5
  switch random.whole(0, 5) {
  case 0:
    let step = tower.width * 0.5
    drawing.rectangle(
      middle - tower.width * 0.3, tower.top - step * 0.4, middle + tower.width * 0.3, tower.top + 1)
    drawing.rectangle(
      middle - tower.width * 0.14, tower.top - step * 0.75, middle + tower.width * 0.14, tower.top)
    drawing.taper(
      Point(middle, tower.top), Point(middle, tower.top - step * 1.9), tower.width * 0.05, tower.width * 0.012
    )
  case 1:
    drawing.taper(
      Point(middle, tower.top), Point(middle, tower.top - tower.width * 0.8), tower.width * 0.04,
      tower.width * 0.012)
  case 2:
    drawing.polygon([
      Point(tower.left, tower.top + 1), Point(tower.left, tower.top - tower.width * 0.32),
      Point(tower.right, tower.top + 1),
    ])
  case 3:
    drawing.rectangle(
      middle - tower.width * 0.18, tower.top - tower.width * 0.14, middle + tower.width * 0.30, tower.top + 1)
  default: break
  }
}

private func drawWindows(of tower: Tower, on drawing: Drawing, _ stage: Stage) {
  let air = stage.air
  let isDark = air.isNight || air.isLow
  let nearness = 1 - tower.style.distance
  // As many windows as fit, within reason whatever the picture's size.
  let storey = max(stage.unit * 0.0125 * (0.7 + 0.5 * nearness), 2.2)
  let bay = storey * 0.92
  let across = min(16, max(1, floorToInt(tower.width * 0.84 / bay)))
  let down = min(40, floorToInt((tower.height - storey * 0.6) / storey))
  guard down > 0 else { return }
  let margin = (tower.width - Float(across) * bay) * 0.5
  let share = isDark ? stage.random.between(0.22, 0.62) : 1
  let tint = Colour(hex: 0xffd58a).mixed(with: Colour(hex: 0xcfe2ff), stage.random.chance(0.25) ? 0.75 : 0.1)
  let glass = air.distant(air.middle.mixed(with: air.shade, 0.45), tower.style.distance + 0.1)
  for level in 0..<3 {
    // Three brightnesses, one fill each: a fill a window would cost ten times as much.
    for row in 0..<down {
      for column in 0..<across {
        let chance = stage.random.unit()
        if chance > share || floorToInt(chance * 977) % 3 != level { continue }
        let x = tower.left + margin + (Float(column) + 0.2) * bay
        let y = tower.top + storey * 0.55 + (Float(row) + 0.2) * storey
        drawing.rectangle(x, y, x + bay * 0.58, y + storey * 0.52)
      }
    }
    if isDark {
      drawing.fill(tint, (0.40 + 0.22 * Float(level)) * (0.35 + 0.65 * nearness))
    } else {
      drawing.fill(glass, 0.30 + 0.12 * Float(level))
    }
  }
}
