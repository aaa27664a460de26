// Which scene a prompt gets, and what each scene can show. A word whose thing the chosen scene does not show
// is reported as ignored: the painter does not claim what it did not paint.

enum SceneKind {
  case garden, lake, city, stone, country

  /// Understood whatever the scene: hours, weather and the sky are part of all of them.
  static let everywhere = Concepts(
    .day, .sunrise, .sunset, .night, .rain, .storm, .fog, .snow, .clear, .cloud, .sky, .sun, .moon, .star)

  init(_ asked: Concepts) {
    let surface =
      asked.has(.texture) && (asked.has(.stone) || asked.has(.brick) || asked.has(.moss) || asked.has(.rock))
    if surface || asked.has(.brick) {
      self = .stone
    } else if asked.has(.garden) || asked.has(.koi) || asked.has(.pagoda) || asked.has(.blossom) {
      self = .garden
    } else if asked.has(.city) || asked.has(.street) || asked.has(.neon) || asked.has(.car) {
      self = .city
    } else if asked.has(.mountain) && !asked.has(.desert) && !asked.has(.sea) && !asked.has(.meadow)
      || asked.has(.lake)
    {
      self = .lake
    } else if asked.has(.stone) && !asked.has(.sky) && asked.has(.texture) {
      self = .stone
    } else {
      self = .country
    }
  }

  var shows: Concepts {
    switch self {
    case .garden:
      Concepts(
        .garden, .blossom, .tree, .koi, .pond, .lily, .pagoda, .bridge, .lantern, .rock, .spring, .calm,
        .mountain,
        .hill, .grass, .lake, .flower, .ground)
    case .lake: Concepts(.mountain, .lake, .forest, .pine, .tree, .hill, .calm, .grass, .ground, .river)
    case .city: Concepts(.city, .street, .window, .neon, .lamp, .wet, .car)
    case .stone: Concepts(.texture, .stone, .brick, .moss, .rock)
    case .country:
      Concepts(
        .hill, .sea, .river, .beach, .desert, .meadow, .flower, .forest, .pine, .tree, .grass, .ground,
        .mountain,
        .calm)
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
  }
}
