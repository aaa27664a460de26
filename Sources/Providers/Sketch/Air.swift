// The light a picture stands in: one hour and one weather decide the colours of sky, sun, haze and water, so
// that everything painted agrees with everything else.

internal import Core

/// One object that all things of a picture look at: it is 200 bytes, and nothing copies it.
final class Air {
  enum Hour { case day, sunrise, sunset, night }

  var hour = Hour.day
  var isRaining = false
  var isFoggy = false
  var isSnowy = false

  // A mild clear day; the other hours and weathers change it.
  var zenith = Colour(hex: 0x5295cf)
  var middle = Colour(hex: 0x9fcbe8)
  var horizon = Colour(hex: 0xf4efe2)
  /// The disc in the sky, and the glow around it.
  var disc = Colour(hex: 0xfffdf0)
  var glow = Colour(hex: 0xffe9bd)
  /// What light does to a surface it falls on.
  var light = Colour(hex: 0xfff2d6)
  /// The colour of shade: never black outdoors.
  var shade = Colour(hex: 0x3d4f6b)
  /// What distance turns everything into.
  var haze = Colour(hex: 0xd3e2ea)
  var cloud = Colour(hex: 0xffffff)
  var cloudShade = Colour(hex: 0xb9cbdb)
  var water = Colour(hex: 0x2c6b78)
  /// How bright things are that have no light of their own.
  var brightness: Float = 1
  /// Where the sun or moon stands, as shares of the picture's width and of the sky's height.
  var sunX: Float = 0.7
  var sunY: Float = 0.35
  /// Below 0 for none, 1 for a closed sky.
  var cloudCover: Float = 0.42

  var isNight: Bool { hour == .night }
  var isLow: Bool { hour == .sunset || hour == .sunrise }
  var hasDisc: Bool { !isRaining && cloudCover < 0.75 }

  init(_ wish: Wish, _ random: inout Random) {
    hour = Air.hour(of: wish)
    isRaining = wish.wantsAny(.rain, .storm)
    isFoggy = wish.wants(.fog)
    isSnowy = wish.wants(.snow)
    sunX = random.between(0.60, 0.84)
    sunY = random.between(0.28, 0.42)
    cloudCover = random.between(0.34, 0.50)
    switch hour {
    case .day: break
    case .sunrise: turnToSunrise(&random)
    case .sunset: turnToSunset(&random)
    case .night: turnToNight()
    }
    if isRaining { overcast() }
    if isSnowy { chill() }
    if isFoggy { veil() }
    if wish.refuses(.cloud) || wish.wants(.clear) {
      cloudCover = -1
    } else if wish.wants(.cloud), !isRaining {
      cloudCover = max(cloudCover, 0.62)
    }
    if let sky = wish.colour(of: .sky, .cloud) {
      tint(sky, 1)
    } else if wish.scene == .country, let loose = wish.colour(of: .sky, orAny: true) {
      tint(loose, 0.55)
    }
    if let wanted = wish.colour(of: .sea, .lake, .river, .pond) { water = water.mixed(with: wanted, 0.75) }
  }

  private static func hour(of wish: Wish) -> Hour {
    if wish.wantsAny(.night, .moon, .star), !wish.wants(.day) { return .night }
    if wish.wants(.sunset) { return .sunset }
    return wish.wants(.sunrise) ? .sunrise : .day
  }

  /// A surface's colour in this light: `lit` 0 is in the shade, 1 faces the sun.
  @inline(never)
  func shaded(_ colour: Colour, _ lit: Float) -> Colour {
    let dark = colour * (shade * 0.75 + 0.18)
    let bright = colour * (light * 1.12)
    return (dark + (bright - dark) * lit) * brightness
  }

  /// A colour seen through so much air.
  @inline(never)
  func distant(_ colour: Colour, _ distance: Float) -> Colour { colour.mixed(with: haze, distance) }
}

// MARK: Hours

extension Air {
  private func turnToSunset(_ random: inout Random) {
    zenith = Colour(hex: 0x2c3f7d)
    middle = Colour(hex: 0xb0628f)
    horizon = Colour(hex: 0xffb46b)
    disc = Colour(hex: 0xfff3c9)
    glow = Colour(hex: 0xff9a4d)
    light = Colour(hex: 0xffb884)
    shade = Colour(hex: 0x3a2f5c)
    haze = Colour(hex: 0xe39a8d)
    cloud = Colour(hex: 0xffb98c)
    cloudShade = Colour(hex: 0x7d527f)
    water = Colour(hex: 0x4a3560)
    brightness = 0.82
    sunY = random.between(0.74, 0.86)
    sunX = random.between(0.42, 0.74)
  }

  private func turnToSunrise(_ random: inout Random) {
    turnToSunset(&random)
    zenith = Colour(hex: 0x5b86c4)
    middle = Colour(hex: 0xd7a5b9)
    horizon = Colour(hex: 0xffdcaa)
    glow = Colour(hex: 0xffc48a)
    light = Colour(hex: 0xffd9ae)
    shade = Colour(hex: 0x4b4a78)
    haze = Colour(hex: 0xecc4bb)
    cloud = Colour(hex: 0xffdcc4)
    cloudShade = Colour(hex: 0xa58bb0)
    water = Colour(hex: 0x4c5c86)
    brightness = 0.9
  }

  private func turnToNight() {
    zenith = Colour(hex: 0x060a1e)
    middle = Colour(hex: 0x121d48)
    horizon = Colour(hex: 0x34477f)
    disc = Colour(hex: 0xf6f2de)
    glow = Colour(hex: 0x7f98dc)
    light = Colour(hex: 0xa9bdf0)
    shade = Colour(hex: 0x1a2140)
    haze = Colour(hex: 0x2c3c6e)
    cloud = Colour(hex: 0x55679c)
    cloudShade = Colour(hex: 0x151d40)
    water = Colour(hex: 0x0a1634)
    brightness = 0.5
  }
}

// MARK: Weather

extension Air {
  private func overcast() {
    let grey: Colour = isNight ? Colour(hex: 0x1b2236) : Colour(hex: 0x8d99a6)
    zenith = zenith.mixed(with: grey * 0.72, 0.78)
    middle = middle.mixed(with: grey, 0.72)
    horizon = horizon.mixed(with: grey * 1.22, 0.66)
    cloud = cloud.mixed(with: grey * 1.18, 0.75)
    cloudShade = cloudShade.mixed(with: grey * 0.62, 0.75)
    haze = haze.mixed(with: grey * 1.1, 0.6)
    light = light.mixed(with: Colour(grey: 0.86), 0.6)
    water = water.mixed(with: grey * 0.5, 0.5)
    brightness *= 0.86
    cloudCover = 0.9
  }

  private func chill() {
    guard !isNight else { return }
    haze = haze.mixed(with: Colour(hex: 0xe6edf5), 0.5)
    horizon = horizon.mixed(with: Colour(hex: 0xeef2f8), 0.35)
    shade = shade.mixed(with: Colour(hex: 0x5a76a8), 0.5)
  }

  private func veil() {
    let white = isNight ? Colour(hex: 0x46557f) : horizon.mixed(with: Colour(grey: 0.92), 0.5)
    horizon = white
    haze = haze.mixed(with: white, 0.7)
    middle = middle.mixed(with: white, 0.35)
    cloudCover = min(cloudCover, 0.4)
  }

  /// A sky in a colour that somebody asked for, light below and deep above.
  private func tint(_ colour: Colour, _ strength: Float) {
    let dim: Float = isNight ? 0.35 : 1
    zenith = zenith.mixed(with: colour * (0.75 * dim), 0.85 * strength)
    middle = middle.mixed(with: colour.lightened(0.18) * dim, 0.8 * strength)
    horizon = horizon.mixed(with: colour.lightened(0.55) * dim, 0.7 * strength)
    haze = haze.mixed(with: horizon, 0.7)
    water = water.mixed(with: colour * 0.5, 0.4)
    light = light.mixed(with: colour.lightened(0.7), 0.35)
  }

  /// A picture somebody showed: its sky, its light and its shade, from the side it comes from.
  func take(_ picture: PictureLight, _ strength: Float) {
    zenith = zenith.mixed(with: picture.upper, 0.8 * strength)
    middle = middle.mixed(with: picture.upper.mixed(with: picture.middle, 0.5), 0.8 * strength)
    horizon = horizon.mixed(with: picture.middle.mixed(with: picture.bright, 0.5), 0.7 * strength)
    glow = glow.mixed(with: picture.bright, 0.6 * strength)
    light = light.mixed(with: picture.bright.lightened(0.2), 0.7 * strength)
    shade = shade.mixed(with: picture.dark, 0.6 * strength)
    haze = haze.mixed(with: picture.middle, 0.7 * strength)
    cloud = cloud.mixed(with: picture.bright.lightened(0.35), 0.6 * strength)
    cloudShade = cloudShade.mixed(with: picture.dark.lightened(0.3), 0.5 * strength)
    water = water.mixed(with: picture.lower, 0.7 * strength)
    brightness = brightness + (0.55 + 0.6 * picture.brightness - brightness) * (0.5 * strength)
    sunX = sunX + (0.15 + 0.7 * picture.side - sunX) * strength
  }

  /// References lend a little of their hue to the light.
  func accent(_ hashes: [UInt64]) {
    for hash in hashes.prefix(4) {
      let angle = Float(hash >> 40 & 0xffff) / 65_536 * fullTurn
      let third = fullTurn / 3
      let hue = Colour(
        0.5 + 0.5 * cosine(angle), 0.5 + 0.5 * cosine(angle - third), 0.5 + 0.5 * cosine(angle + third), 0)
      zenith = zenith.mixed(with: hue * zenith.luminance * 1.6, 0.22).bounded
      middle = middle.mixed(with: hue, 0.14)
      horizon = horizon.mixed(with: hue.lightened(0.5) * horizon.luminance, 0.12).bounded
      light = light.mixed(with: hue.lightened(0.5), 0.16)
      haze = haze.mixed(with: hue.lightened(0.3) * haze.luminance, 0.12).bounded
    }
  }
}
