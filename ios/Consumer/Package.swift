// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "Consumer",
    platforms: [.iOS(.v15), .macOS(.v12)],
    dependencies: [.package(name: "Frostglass", path: "..")],
    targets: [
        .executableTarget(
            name: "Consumer", dependencies: [.product(name: "Frostglass", package: "Frostglass")])
    ],
    swiftLanguageModes: [.v6]
)
