// Pictures that were left with the service, and are fetched when a host asks: with "fetch":"lazy", and where memory for
// pictures has run out. The task ended long ago; what goes wrong here is told to who asked, who may ask again.

package import Core

/// How a wish for one picture ended.
package enum Granted: Sendable {
  case here(Picture)
  case failed(Failure)
}

/// One host's wish.
final class Wish {
  let output: Int
  let tell: @Sendable (Granted) -> Void
  var ticket: Ticket?
  /// The link had died and the task was read again.
  var hasFreshLinks = false

  init(_ output: Int, _ tell: @escaping @Sendable (Granted) -> Void) {
    self.output = output
    self.tell = tell
  }
}

extension Record {
  /// What the provider is to be asked for the first wish, nil when there is none.
  func ask() -> Effect? {
    while let wish = wishes.first {
      guard wish.output < pictures.count, let link = pictures[wish.output].link, let token = machine.token
      else {
        grant(.failed(Record.unavailable))
        continue
      }
      if pictures[wish.output].isHere {
        grant(.here(pictures[wish.output]))
        continue
      }
      let ticket = machine.ticket()
      wish.ticket = ticket
      // Links are not written down: a task from an earlier life is read again for them.
      guard !link.isEmpty else {
        wish.hasFreshLinks = true
        return .ask(.check(token: token), ticket)
      }
      return .ask(.fetch(token: token, output: wish.output, link: link), ticket)
    }
    return nil
  }

  /// Ends the first wish.
  func grant(_ granted: Granted) {
    guard !wishes.isEmpty else { return }
    wishes.removeFirst().tell(granted)
  }

  /// What to ask next after an answer that was no picture, nil when the wish has failed for good.
  func goOn(_ outcome: Reply.Outcome) -> Effect? {
    guard let wish = wishes.first, let token = machine.token else { return nil }
    switch outcome {
    case .setback(let setback) where setback.linkDied && !wish.hasFreshLinks:
      wish.hasFreshLinks = true
      let ticket = machine.ticket()
      wish.ticket = ticket
      return .ask(.check(token: token), ticket)
    case .answer(.looked(.succeeded(let links, _))) where links.count == pictures.count:
      for index in links.indices where !pictures[index].isHere {
        pictures[index] = Picture(pictures[index], from: links[index], at: nil, isHeld: false)
      }
      return ask()
    case .setback(let setback): grant(.failed(setback.failure))
    default: grant(.failed(Record.unavailable))
    }
    return ask()
  }

  private static var unavailable: Failure {
    Failure(.expired, at: "i", "the service no longer has the picture; its links live 24 to 48 hours")
  }
}
