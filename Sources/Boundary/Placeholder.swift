import CT2I
import Core
@implementation @_cdecl("t2i_version")
public func t2i_version() -> UInt32 { (1 << 24) | (0 << 12) | 0 }
package func probe(_ n: Int64) -> String { "a \(n) b" }
