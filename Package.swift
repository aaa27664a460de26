// swift-tools-version: 6.2
// The map of the house: targets from the ground up. A target's dependencies are the imports it is allowed.
import PackageDescription

#if canImport(Glibc)
  import Glibc
#endif

let root = Context.packageDirectory

/// Release is Embedded Swift. `make STDLIB=static` keeps the fallback alive: full Swift, its runtime linked in.
let embedded = Context.environment["T2I_STDLIB"] != "static"

let release = BuildSettingCondition.when(configuration: .release)
let linuxRelease = BuildSettingCondition.when(platforms: [.linux], configuration: .release)

/// The `lib` folder of the toolchain that reads this manifest, found where the loader mapped its description library:
/// `<lib>/swift/pm/...`. The Unicode tables of Embedded Swift lie beside it.
func toolchainLibrary() -> String {
  #if canImport(Glibc)
    guard let maps = fopen("/proc/self/maps", "r") else { return "/usr/lib" }
    defer { fclose(maps) }
    var line = [CChar](repeating: 0, count: 8192)
    while fgets(&line, 8192, maps) != nil {
      let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
      guard let slash = text.firstIndex(of: "/") else { continue }
      let parts = text[slash...].split(separator: "/")
      if let pm = parts.firstIndex(of: "pm"), pm >= 2, parts[pm - 1] == "swift", parts[pm - 2] == "lib" {
        return "/" + parts[..<(pm - 1)].joined(separator: "/")
      }
    }
  #endif
  return "/usr/lib"
}

#if arch(x86_64)
  let triple = "x86_64-unknown-linux-gnu"
#else
  let triple = "aarch64-unknown-linux-gnu"
#endif
let unicodeTables = "\(toolchainLibrary())/swift/embedded/\(triple)/libswiftUnicodeDataTables.a"

/// What every Swift target that ships is compiled with.
func ships() -> [SwiftSetting] {
  let common: [SwiftSetting] = [
    .unsafeFlags(["-warnings-as-errors"]), .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-wmo", "-Osize", "-Xfrontend", "-function-sections"] + lean + small, release),
  ]
  return embedded ? common + [.enableExperimentalFeature("Embedded", release)] : common
}

let noUnwinding = ["-fno-unwind-tables", "-fno-asynchronous-unwind-tables"]

/// No unwind tables (27 KB): nothing of ours throws through a frame, and a C++ exception from a host's callback ends in
/// std::terminate instead of passing through our locks. No exclusivity checks at run time (9 KB): what is shared
/// stands behind a lock, and the tests run with them.
///
/// One trap for all checks of a function (2 KB): a trap here says that it happened, not where.
///
/// No hash of each module's code (2 KB): it saves work where no file changed, and the linker keeps it.
///
/// No object outliner: it numbers the constant arrays it makes per module and emits them as weak symbols, so the linker
/// keeps one of several that differ, and code reads another module's constants. `Tests/objects.py` looks for that.
let lean =
  noUnwinding.flatMap { ["-Xcc", $0] }
  + ["-enforce-exclusivity=unchecked", "-Xllvm", "-sil-disable-pass=object-outliner"]
  + ["-Xfrontend", "-mergeable-traps"]
  + ["-Xfrontend", "-disable-incremental-llvm-codegen"]

/// Repeated instructions become functions (13 KB), and a function that takes a closure stays one function (5 KB).
let small = ["-enable-machine-outliner=always", "-sil-disable-pass=closure-specialize"]
  .flatMap { ["-Xllvm", $0] }

let exports = ["-version-script=\(root)/Sources/Foreign/T2ILink/t2i.map", "-soname=libt2i.so.1"]
let hardening = ["-Bsymbolic", "--as-needed", "-z", "defs", "-z", "now", "-z", "nodelete"]
// The full runtime finds types through sections that its start file registers and that nothing refers to.
let slimming = embedded ? ["--icf=all", "--gc-sections", "-z", "noseparate-code", "-O2"] : []
let linkerFlags = (exports + hardening + slimming).flatMap { ["-Xlinker", $0] }

let package = Package(
  name: "t2i",
  products: [.library(name: "t2i", type: .dynamic, targets: ["Boundary", "T2ILink"])],
  targets: [
    // Foreign: one door for each thing that is not ours.
    .systemLibrary(name: "CSys", path: "Sources/Foreign/CSys"),
    .systemLibrary(
      name: "CJansson", path: "Sources/Foreign/CJansson", pkgConfig: "jansson",
      providers: [.apt(["libjansson-dev"])]),
    .systemLibrary(
      name: "CZlib", path: "Sources/Foreign/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CSQLite", path: "Sources/Foreign/CSQLite", pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
      name: "CCurl", path: "Sources/Foreign/CCurl", pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CT2I", path: "Sources/Foreign/CT2I"),
    .target(
      name: "CRT", path: "Sources/Foreign/CRT",
      cSettings: [.unsafeFlags(["-fvisibility=hidden"]), .unsafeFlags(noUnwinding, release)],
      linkerSettings: embedded ? [.linkedLibrary("m"), .unsafeFlags([unicodeTables], linuxRelease)] : []),
    .target(
      name: "CCatalogue", dependencies: ["CZlib"], path: "Sources/Foreign/CCatalogue",
      exclude: ["catalogue.json", "bake.py"], cSettings: [.unsafeFlags(noUnwinding, release)]),
    .target(
      name: "CNouns", dependencies: ["CZlib"], path: "Sources/Foreign/CNouns",
      exclude: ["bake.py", "icons.json", "nouns.bin"], cSettings: [.unsafeFlags(noUnwinding, release)]),
    .target(
      name: "CCodecs", path: "Sources/Foreign/CCodecs",
      cSettings: [.unsafeFlags(["-fvisibility=hidden"]), .unsafeFlags(noUnwinding, release)]),
    .target(
      name: "CTable", path: "Sources/Foreign/CTable",
      cSettings: [.unsafeFlags(["-fvisibility=hidden"]), .unsafeFlags(noUnwinding, release)]),
    .target(
      name: "Platform", dependencies: ["Core", "CSys", "CRT"], path: "Sources/Foreign/Platform",
      swiftSettings: ships()),
    .target(
      name: "JSONCodec", dependencies: ["Core", "CJansson", "CSys"], path: "Sources/Foreign/JSONCodec",
      swiftSettings: ships()),

    .target(
      name: "Transport", dependencies: ["Core", "Platform", "CCurl", "CSys"],
      path: "Sources/Foreign/Transport",
      swiftSettings: ships()),

    // Core is pure and imports nothing.
    .target(name: "Core", path: "Sources/Core", swiftSettings: ships()),

    // Providers and Store stand side by side and do not know each other.
    .target(
      name: "Sketch", dependencies: ["Core", "Platform", "CZlib", "CCodecs", "CNouns"],
      path: "Sources/Providers/Sketch",
      swiftSettings: ships()),
    .target(
      name: "Runway", dependencies: ["Core", "Platform", "Transport", "JSONCodec"],
      path: "Sources/Providers/Runway", swiftSettings: ships()),
    .target(
      name: "Host", dependencies: ["Core", "Platform", "JSONCodec"], path: "Sources/Providers/Host",
      swiftSettings: ships()),
    .target(
      name: "Store",
      dependencies: ["Core", "Platform", "JSONCodec", "CSQLite", "CZlib"], path: "Sources/Store",
      swiftSettings: ships()),

    // Engine moves tasks; it is handed what it drives.
    .target(
      name: "Engine", dependencies: ["Core", "Platform"], path: "Sources/Engine", swiftSettings: ships()),

    // Boundary: C in, Swift out. It composes the others.
    .target(
      name: "Boundary",
      dependencies: [
        "Core", "Engine", "Store", "Sketch", "Runway", "Host", "Transport", "JSONCodec", "Platform", "CT2I",
        "CCatalogue", "CCodecs", "CRT", "CSys", "CTable",
      ],
      path: "Sources/Boundary", swiftSettings: ships()),
    .target(
      name: "T2ILink", path: "Sources/Foreign/T2ILink", exclude: ["t2i.map"],
      linkerSettings: [
        .unsafeFlags((embedded ? ["-nostartfiles"] : []) + ["-use-ld=lld"] + linkerFlags, linuxRelease)
      ]),

    .testTarget(
      name: "CoreTests", dependencies: ["Core", "JSONCodec", "CCatalogue", "CSys"], path: "Tests/Core",
      exclude: ["Golden"]),
    .testTarget(
      name: "SimulationTests", dependencies: ["Core", "Engine", "Platform"], path: "Tests/Simulation"),
    .testTarget(
      name: "StoreTests", dependencies: ["Core", "Platform", "Store", "CSQLite", "CRT"], path: "Tests/Store"),
    .testTarget(
      name: "RunwayTests",
      dependencies: ["Core", "Platform", "Transport", "JSONCodec", "Runway", "CCatalogue"],
      path: "Tests/Runway", exclude: ["Golden"]),
    .testTarget(
      name: "TransportTests", dependencies: ["Core", "Platform", "Transport", "CSys"],
      path: "Tests/Transport", exclude: ["tls_server.py"]),
    .testTarget(name: "HouseTests", path: "Tests/House"),
    .testTarget(
      name: "SketchTests", dependencies: ["Sketch", "Core", "Platform"], path: "Tests/Sketch",
      exclude: ["golden.txt", "coverage.txt", "coverage.py"]),
  ],
  swiftLanguageModes: [.v6]
)
