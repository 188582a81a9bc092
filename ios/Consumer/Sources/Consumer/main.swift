import Foundation
import Frostglass

// Makes a release of a picture, as an app would, with the packed front whose file is named.
let front = URL(fileURLWithPath: CommandLine.arguments[1])
let pixels = Data((0..<8 * 8 * 4).map { (i: Int) -> UInt8 in UInt8(i * 29 % 251) })

let glass = try await Frostglass.open(.packed(front), Policy(.dp(epsilon: 5)))
let release = try await glass.sanitize(pixels, width: 8, height: 8)
precondition(release.bytes.count == glass.releaseLength)
print("a release of \(glass.releaseLength) bytes: \(try release.describe().policy)")
for promise in try glass.receipt().promises { print("\(promise.kind): \(promise.statement)") }

glass.close()
do {
    _ = try await glass.sanitize(pixels, width: 8, height: 8)
    fatalError("a closed session made a release")
} catch let error as FrostglassError {
    precondition(error.kind == .closed)
}
