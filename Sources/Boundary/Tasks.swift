// tasks: news, waiting, reading, cancelling, closing.

public import CT2I
import Core
import Engine
import Platform

@implementation @_cdecl("t2i_next_event")
public func t2i_next_event(
  _ c: t2i_client, _ out: UnsafeMutablePointer<t2i_event>?, _ timeout_ms: Int64,
  _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  answering(err) { () throws(Failure) -> Status in
    let client = try client(c)
    let out = try room(out, "out")
    let waited = try client.engine.nextEvent(until: try deadline(timeout_ms))
    guard let event = waited.value else {
      return timeout_ms == 0 && waited.status == .timeout ? .empty : waited.status
    }
    out.fill(event)
    return .ok
  }
}

@implementation @_cdecl("t2i_wait")
public func t2i_wait(
  _ c: t2i_client, _ tasks: UnsafePointer<t2i_task>?, _ n: Int, _ mode: Int32, _ timeout_ms: Int64,
  _ index: UnsafeMutablePointer<Int>?, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  answering(err) { () throws(Failure) -> Status in
    let client = try client(c)
    let waited = try client.engine.waitForTasks(
      try handles(tasks, n), all: try waitsForAll(mode), until: try deadline(timeout_ms))
    if waited.status == .ok, let found = waited.value { index?.pointee = found }
    return waited.status
  }
}

private func handles(_ tasks: UnsafePointer<t2i_task>?, _ n: Int) throws(Failure) -> [Handle] {
  guard let tasks else { throw Refusal.null("tasks") }
  guard n > 0, n <= 1 << 20 else { throw Failure(.argument, at: "n", "n is \(n), must be 1 to 1048576") }
  var handles: [Handle] = []
  handles.reserveCapacity(n)
  for index in 0..<n { handles.append(Handle(rawValue: tasks[index])) }
  return handles
}

private func waitsForAll(_ mode: Int32) throws(Failure) -> Bool {
  switch Int(mode) {
  case Int(T2I_WAIT_ANY): return false
  case Int(T2I_WAIT_ALL): return true
  default: throw Failure(.argument, at: "mode", "mode is \(mode), must be T2I_WAIT_ANY or T2I_WAIT_ALL")
  }
}

@implementation @_cdecl("t2i_task_get")
public func t2i_task_get(
  _ c: t2i_client, _ t: t2i_task, _ out: UnsafeMutablePointer<t2i_task_info>?,
  _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let board = try client(c).engine.board
    let out = try room(out, "out")
    let (snapshot, user) = try board.glance(Handle(rawValue: t))
    out.fill(snapshot, user: user)
  }
}

@implementation @_cdecl("t2i_task_json")
public func t2i_task_json(
  _ c: t2i_client, _ t: t2i_task, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ len: UnsafeMutablePointer<Int>?, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let (client, task) = (try client(c), Handle(rawValue: t))
    let (snapshot, dossier) = try client.engine.board.dossier(task)
    try give(dossier.report(snapshot, evidence: client.ledger.evidence(of: task)), json, len)
  }
}

@implementation @_cdecl("t2i_task_error")
public func t2i_task_error(
  _ c: t2i_client, _ t: t2i_task, _ out: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  answering(out) { () throws(Failure) -> Status in
    guard out != nil else { throw Refusal.null("out") }
    let snapshot = try client(c).engine.board.snapshot(Handle(rawValue: t))
    if let failure = snapshot.failure { throw failure }
    return snapshot.state.isFinal ? .ok : .pending
  }
}

@implementation @_cdecl("t2i_task_token")
public func t2i_task_token(
  _ c: t2i_client, _ t: t2i_task, _ token: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ len: UnsafeMutablePointer<Int>?, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let snapshot = try client(c).engine.board.snapshot(Handle(rawValue: t))
    guard let text = snapshot.token else {
      throw Failure(.state, at: "t", "the service has not accepted this task, so it has no token")
    }
    try give(word: text, token, len, ("token", "len"))
  }
}

@implementation @_cdecl("t2i_task_list")
public func t2i_task_list(
  _ c: t2i_client, _ out: UnsafeMutablePointer<t2i_task>?, _ cap: Int, _ count: UnsafeMutablePointer<Int>?,
  _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  answering(err) { () throws(Failure) -> Status in
    let client = try client(c)
    let list = try HandleList(out, cap, count)
    let tasks = client.engine.board.tasks
    list.fill(tasks)
    list.count(tasks.count)
    return tasks.count > cap && list.hasRoom ? .more : .ok
  }
}

@implementation @_cdecl("t2i_task_cancel")
public func t2i_task_cancel(
  _ c: t2i_client, _ t: t2i_task, _ how: UInt32, _ err: UnsafeMutablePointer<t2i_error>?
) -> t2i_status {
  doing(err) { () throws(Failure) in
    let client = try client(c)
    try client.engine.cancel(Handle(rawValue: t), try cancellation(how))
  }
}

private func cancellation(_ how: UInt32) throws(Failure) -> Cancellation {
  switch Int(how) {
  case Int(T2I_CANCEL_LOCAL): return .local
  case Int(T2I_CANCEL_REMOTE): return .remote
  default:
    throw Failure(.argument, at: "how", "how is \(how), must be T2I_CANCEL_LOCAL or T2I_CANCEL_REMOTE")
  }
}

@implementation @_cdecl("t2i_task_close")
public func t2i_task_close(_ c: t2i_client, _ t: t2i_task) -> t2i_status {
  doing(nil) { () throws(Failure) in
    try client(c).engine.closeTask(Handle(rawValue: t))
  }
}

// MARK: Translation

extension UnsafeMutablePointer<t2i_event> {
  func fill(_ event: Event) {
    pointee.kind = event.kind.rawValue
    pointee.task = event.task.rawValue
    pointee.user = event.user
    pointee.state = event.state.rawValue
    pointee.status = event.status.rawValue
    pointee.progress_permille = event.permille.map { Int32($0) } ?? -1
    pointee.output_index = event.output.map { Int32($0) } ?? -1
    pointee.seq = event.sequence
  }
}

extension UnsafeMutablePointer<t2i_task_info> {
  func fill(_ snapshot: Snapshot, user: UInt64) {
    pointee.state = snapshot.state.rawValue
    pointee.status = (snapshot.failure?.status ?? .ok).rawValue
    pointee.progress_permille = snapshot.permille.map { Int32($0) } ?? -1
    pointee.output_count = UInt32(snapshot.pictures.count)
    pointee.flags = snapshot.failure.map { flags(of: $0) } ?? 0
    pointee.user = user
    pointee.created_unix_ms = snapshot.createdUnixMilliseconds
    pointee.updated_unix_ms = snapshot.updatedUnixMilliseconds
    pointee.millicredits_reserved = snapshot.reserved
    pointee.millicredits_spent = snapshot.spent ?? -1
  }
}
