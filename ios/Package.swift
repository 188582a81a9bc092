// swift-tools-version: 6.0
import PackageDescription

// `cargo xtask ios` puts the generated sources and the library itself beside these files. Apple's
// systems have it as an XCFramework; elsewhere the linker is told where it lies.
#if os(macOS)
    let library = Target.binaryTarget(name: "frostglassFFI", path: "frostglassFFI.xcframework")
#else
    let library = Target.systemLibrary(name: "frostglassFFI")
#endif

let package = Package(
    name: "Frostglass",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "Frostglass", targets: ["Frostglass"])],
    targets: [
        library,
        .target(name: "FrostglassBindings", dependencies: ["frostglassFFI"]),
        .target(
            name: "Frostglass",
            dependencies: ["FrostglassBindings", "frostglassFFI"],
            resources: [.copy("PrivacyInfo.xcprivacy")]
        ),
        .testTarget(name: "FrostglassTests", dependencies: ["Frostglass", "frostglassFFI"]),
    ],
    swiftLanguageModes: [.v6]
)
