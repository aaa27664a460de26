// Which scene a prompt gets, and what each scene can show. A word whose thing the chosen scene does not show
// is reported as ignored: the painter does not claim what it did not paint.

enum SceneKind {
  case garden, lake, city, stone, country, coast, desert, underwater, space, woods, castle, village, farm,
    cave, room,
    abstract, clouds, surface, panorama, cutOut

  /// Understood whatever the scene: hours, weather and the sky are part of all of them.
  static let everywhere = Concepts(
    .day, .sunrise, .sunset, .night, .rain, .storm, .fog, .snow, .clear, .cloud, .sky, .sun, .moon, .star)

  init(_ asked: Concepts) {
    if asked.has(.sprite) || asked.has(.transparent) {
      self = .cutOut
    } else if asked.has(.panorama), asked.has(.sky) || asked.has(.cloud) {
      self = .panorama
    } else if let surface = SceneKind.surface(asked) {
      self = surface
    } else if asked.has(.abstract) || asked.has(.interface) {
      self = .abstract
    } else if asked.has(.underwater) {
      self = .underwater
    } else if asked.has(.space) {
      self = .space
    } else if asked.has(.cave) {
      self = .cave
    } else if asked.has(.room) {
      self = .room
    } else if asked.has(.castle) {
      self = .castle
    } else if asked.has(.village) {
      self = .village
    } else if asked.has(.farm) {
      self = .farm
    } else if asked.has(.garden) || asked.has(.koi) || asked.has(.pagoda) || asked.has(.blossom) {
      self = .garden
    } else if asked.has(.city) || asked.has(.street) || asked.has(.neon) || asked.has(.car) {
      self = .city
    } else if asked.has(.desert) {
      self = .desert
    } else if asked.has(.sea) || asked.has(.beach) || asked.has(.sand) {
      self = .coast
    } else if asked.has(.forest) && !asked.has(.mountain) && !asked.has(.lake) && !asked.has(.meadow)
      || asked.has(.wood)
    {
      self = .woods
    } else if SceneKind.isSkyAlone(asked) {
      self = .clouds
    } else if asked.has(.mountain) && !asked.has(.meadow) || asked.has(.lake) || asked.has(.water) {
      self = .lake
    } else {
      self = .country
    }
  }

  /// A material fills the picture when it is called a texture, and some do unasked.
  private static func surface(_ asked: Concepts) -> SceneKind? {
    guard asked.has(.texture) else {
      if asked.has(.brick) { return .stone }
      return asked.has(.marble) || asked.has(.fabric) ? .surface : nil
    }
    if asked.has(.brick) || asked.has(.stone) || asked.has(.moss) || asked.has(.rock) { return .stone }
    let material = Concepts(.wood, .sand, .water, .metal, .fabric, .lava, .marble, .grass)
    return asked.meets(material) ? .surface : nil
  }

  private static func isSkyAlone(_ asked: Concepts) -> Bool {
    guard asked.has(.sky) || asked.has(.cloud) else { return false }
    return !asked.meets(
      Concepts(
        .mountain, .hill, .lake, .river, .meadow, .flower, .forest, .pine, .tree, .grass, .ground, .water))
  }

  var shows: Concepts {
    switch self {
    case .garden:
      Concepts(
        .garden, .blossom, .tree, .koi, .pond, .lily, .pagoda, .bridge, .lantern, .rock, .spring, .calm,
        .mountain, .hill, .grass, .lake, .flower, .ground, .water)
    case .lake:
      Concepts(.mountain, .lake, .forest, .pine, .tree, .hill, .calm, .grass, .ground, .river, .water)
    case .city: Concepts(.city, .street, .window, .neon, .lamp, .wet, .car)
    case .stone: Concepts(.texture, .stone, .brick, .moss, .rock)
    case .country:
      Concepts(
        .hill, .river, .meadow, .flower, .forest, .pine, .tree, .grass, .ground, .mountain, .calm, .water)
    case .coast: Concepts(.sea, .beach, .sand, .mountain, .hill, .calm, .water, .ground)
    case .desert: Concepts(.desert, .sand, .mountain, .hill, .ground, .calm)
    case .underwater: Concepts(.underwater, .sea, .koi, .rock, .calm, .water, .sand)
    case .space: Concepts(.space, .calm)
    case .cave: Concepts(.cave, .rock, .stone, .water, .lake, .pond, .mountain, .hill, .calm, .moss)
    case .room: Concepts(.room, .window, .lamp, .wood, .texture, .calm)
    case .abstract: Concepts(.abstract, .interface, .texture, .calm)
    case .clouds: Concepts(.calm)
    case .surface: Concepts(.texture, .wood, .sand, .water, .metal, .fabric, .lava, .marble, .grass)
    case .panorama: Concepts(.panorama, .hill, .mountain, .ground, .texture, .calm)
    case .cutOut: cutOuts.union(Concepts(.sprite, .transparent, .autumn))
    case .woods: Concepts(.forest, .wood, .tree, .autumn, .calm, .moss, .grass, .ground)
    case .castle: Concepts(.castle, .hill, .mountain, .tree, .pine, .stone, .autumn, .grass, .meadow, .forest)
    case .village: Concepts(.village, .hill, .mountain, .tree, .autumn, .grass, .meadow, .window, .calm)
    case .farm: Concepts(.farm, .hill, .mountain, .tree, .autumn, .grass, .meadow, .ground, .calm)
    }
  }
}

func composeScene(on stage: Stage) {
  switch stage.wish.scene {
  case .garden: composeGarden(on: stage)
  case .lake: composeLake(on: stage)
  case .city: composeCity(on: stage)
  case .stone: composeStone(on: stage)
  case .country: composeCountry(on: stage)
  case .coast: composeCoast(on: stage)
  case .desert: composeDesert(on: stage)
  case .underwater: composeUnderwater(on: stage)
  case .space: composeSpace(on: stage)
  case .cave: composeCave(on: stage)
  case .room: composeRoom(on: stage)
  case .abstract: composeAbstract(on: stage)
  case .clouds: composeClouds(on: stage)
  case .surface: composeSurface(on: stage)
  case .panorama: composePanorama(on: stage)
  case .cutOut: composeCutOut(on: stage)
  case .woods: composeWoods(on: stage)
  case .castle: composeCastle(on: stage)
  case .village: composeVillage(on: stage)
  case .farm: composeFarm(on: stage)
  }
}
