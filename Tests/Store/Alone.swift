// A thread with a disk of its own making. Linux gives each thread its identity, descriptors, working folder, mounts
// and system call filter if asked, so a full disk or a foreign user is had without touching the rest of the tests.

import Foundation

/// Whether a thread can have descriptors and a working folder of its own. Some containers forbid it.
let canStandAlone = onAThread { libc("unshare", cloneFiles | cloneFolders) == 0 }

/// Runs the work on a thread of its own, which ends with it, whatever it did to itself there. What would reach the
/// other threads, were they not apart, is for tests that are enabled by `canStandAlone`.
func alone<Outcome: Sendable>(_ work: @escaping @Sendable () -> Outcome) -> Outcome {
  onAThread {
    _ = libc("unshare", cloneFiles | cloneFolders)
    return work()
  }
}

private func onAThread<Outcome: Sendable>(_ work: @escaping @Sendable () -> Outcome) -> Outcome {
  nonisolated(unsafe) var outcome: Outcome?
  let done = DispatchSemaphore(value: 0)
  Thread {
    outcome = work()
    done.signal()
  }.start()
  done.wait()
  return outcome!
}

private let cloneFiles = 0x400
private let cloneFolders = 0x200
private let cloneMounts = 0x20000

/// A function of libc that Swift does not import, called with integers and pointers only.
private func libc(_ name: String, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, _ d: Int = 0, _ e: Int = 0)
  -> Int32
{
  typealias Function = @convention(c) (Int, Int, Int, Int, Int) -> Int32
  let function = dlsym(dlopen(nil, RTLD_NOW), name)!
  return unsafeBitCast(function, to: Function.self)(a, b, c, d, e)
}

/// A folder that vanishes with its owner.
final class Scratch: Sendable {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "t2i-store-\(UUID().uuidString)"
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// Every name in the folder, hidden ones too.
  var names: [String] { (try! FileManager.default.contentsOfDirectory(atPath: path)).sorted() }

  func read(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: self(name)).map { Array($0) } }

  func write(_ text: String, to name: String) { try! Data(text.utf8).write(to: URL(filePath: self(name))) }
}

/// Whether the kernel lets a thread mount what only it sees.
let canMount = alone { becomesMounter() }

/// Whether a thread can meet a folder that is closed to it: as nobody, or because it is not root anyway.
let canBeRefused = geteuid() != 0 || alone { becomesNobody() }

/// From now on this thread's mounts are its own.
func becomesMounter() -> Bool {
  guard libc("unshare", cloneMounts) == 0 else { return false }
  // Private, or the mounts would show outside.
  return "/".withCString { root in libc("mount", 0, Int(bitPattern: root), 0, 1 << 14 | 1 << 18) } == 0
}

/// Whether the kernel filters the calls of a thread.
let canRefuseCalls = alone { refuse([]) }

/// Puts an empty filesystem in memory on the folder.
func mountMemory(on folder: String, options: String, readOnly: Bool = false) -> Bool {
  folder.withCString { folder in
    options.withCString { options in
      "tmpfs".withCString { kind in
        libc(
          "mount", Int(bitPattern: kind), Int(bitPattern: folder), Int(bitPattern: kind), readOnly ? 1 : 0,
          Int(bitPattern: options))
      }
    }
  } == 0
}

/// From now on files see this thread as another user without rights of its own.
@discardableResult func becomesNobody() -> Bool {
  _ = libc("setfsgid", 65534)
  _ = libc("setfsuid", 65534)
  // An impossible identity changes nothing and gives the present one.
  return libc("setfsuid", -1) == 65534
}

/// A system call that the kernel is to refuse this thread.
struct Refusal {
  enum Call: UInt32 {
    #if arch(x86_64)
      case write = 1
      case fsync = 74
      case fcntl = 72
      case openat = 257
      case newfstatat = 262
      case renameat = 264
      case linkat = 265
      case renameat2 = 316
    #else
      case write = 64
      case fsync = 82
      case fcntl = 25
      case openat = 56
      case newfstatat = 79
      case renameat = 38
      case linkat = 37
      case renameat2 = 276
    #endif
  }
  var call: Call
  var errno: Int32
  /// Only when these bits of this argument have this value.
  var argument = 0
  var mask: UInt32 = 0
  var value: UInt32 = 0
}

/// From now on the kernel refuses this thread the calls, each with its errno. False when it has no such filters.
func refuse(_ refusals: [Refusal]) -> Bool {
  struct Instruction {
    var code: UInt16
    var onTrue: UInt8 = 0
    var onFalse: UInt8 = 0
    var value: UInt32
  }
  let (load, and, jumpEqual, end): (UInt16, UInt16, UInt16, UInt16) = (0x20, 0x54, 0x15, 0x06)
  var program: [Instruction] = []
  for refusal in refusals {
    program.append(Instruction(code: load, value: 0))
    program.append(Instruction(code: jumpEqual, onFalse: 4, value: refusal.call.rawValue))
    program.append(Instruction(code: load, value: UInt32(16 + 8 * refusal.argument)))
    program.append(Instruction(code: and, value: refusal.mask))
    program.append(Instruction(code: jumpEqual, onFalse: 1, value: refusal.value))
    program.append(Instruction(code: end, value: 0x0005_0000 | UInt32(refusal.errno)))
  }
  program.append(Instruction(code: end, value: 0x7fff_0000))

  struct Program {
    var count: UInt16
    var start: UnsafeMutablePointer<Instruction>
  }
  return program.withUnsafeMutableBufferPointer { instructions in
    var filter = Program(count: UInt16(instructions.count), start: instructions.baseAddress!)
    return withUnsafePointer(to: &filter) { filter in
      libc("prctl", 38, 1) == 0 && libc("prctl", 22, 2, Int(bitPattern: filter)) == 0
    }
  }
}
