// Where a thing is, said by another: on it, under it, above, behind or in front of it.

internal import Core

enum Relation {
  case on, under, above, behind, front

  /// What a preposition says; nil for one that says no more than that both are there.
  static func meaning(of word: String) -> Relation? {
    if word.is("on") || word.is("atop") || word.is("onto") || word.is("riding") { return .on }
    if word.is("under") || word.is("below") || word.is("beneath") || word.is("underneath") { return .under }
    if word.is("above") || word.is("over") { return .above }
    if word.is("behind") { return .behind }
    if word.is("front") { return .front }
    return nil
  }
}
