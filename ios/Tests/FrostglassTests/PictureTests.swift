import Foundation
import Testing

@testable import Frostglass

/// Pixels in memory, bad ones above all.
@Suite struct PictureTests {
    @Test func aReleaseIsWhatTheNetworkMakesOfThePicture() async throws {
        let glass = try await open(plain)
        let release = try await glass.sanitize(colours, width: 8, height: 8)
        #expect(glass.releaseShape == [2, 4, 4])
        #expect(release.bytes.count == glass.releaseLength)
        let description = try release.describe()
        #expect(description.model == glass.front.model)
        #expect(description.shape == [2, 4, 4])
        #expect(description.policy == plain)
        #expect(!release.isResent)
        let fromArray = try await glass.sanitize([UInt8](colours), width: 8, height: 8)
        #expect(fromArray == release)
    }

    @Test func aReleaseIsFilledAgainInItsOwnMemory() async throws {
        let glass = try await open(plain)
        let wanted = try await glass.sanitize(colours, width: 8, height: 8)
        var release = glass.newRelease()
        func place() -> UnsafeRawPointer? { release.bytes.withUnsafeBytes(\.baseAddress) }
        let before = place()
        try await glass.sanitize(colours, width: 8, height: 8, into: &release)
        #expect(release == wanted)
        #expect(place() == before)
        let kept = release
        try await glass.sanitize(Data(count: 256), width: 8, height: 8, into: &release)
        #expect(kept == wanted && release != wanted, "what somebody else has stays as it is")
    }

    @Test func aCropOfATurnedPictureIsThePicture() async throws {
        let glass = try await open(plain)
        // Stored (row, column) comes to (column, 7 - row) when turned clockwise.
        var stored = Data(repeating: 9, count: 10 * 8 * 4)
        for y in 0..<8 {
            for x in 0..<8 {
                let (to, from) = (((7 - x) * 10 + y + 1) * 4, (y * 8 + x) * 4)
                stored[to..<to + 4] = colours[from..<from + 4]
            }
        }
        let turned = try await glass.sanitize(
            stored, width: 10, height: 8, crop: Crop(x: 1, y: 0, width: 8, height: 8),
            rotationDegrees: 90)
        #expect(try await glass.sanitize(colours, width: 8, height: 8) == turned)
    }

    @Test(arguments: Orientation.allCases)
    func anOrientationTurnsAPictureUpright(_ orientation: Orientation) async throws {
        let glass = try await open(plain)
        // Where the upright picture's (row, column) is stored: the definition of the eight values.
        func stored(_ row: Int, _ column: Int) -> (Int, Int) {
            switch orientation {
            case .up: (row, column)
            case .upMirrored: (row, 7 - column)
            case .down: (7 - row, 7 - column)
            case .downMirrored: (7 - row, column)
            case .leftMirrored: (column, row)
            case .right: (7 - column, row)
            case .rightMirrored: (7 - column, 7 - row)
            case .left: (column, 7 - row)
            }
        }
        var picture = Data(count: 256)
        for row in 0..<8 {
            for column in 0..<8 {
                let (y, x) = stored(row, column)
                let (to, from) = ((y * 8 + x) * 4, (row * 8 + column) * 4)
                picture[to..<to + 4] = colours[from..<from + 4]
            }
        }
        let turned = try await glass.sanitize(
            picture, width: 8, height: 8, rotationDegrees: orientation.rotationDegrees,
            mirror: orientation.isMirrored)
        #expect(try await glass.sanitize(colours, width: 8, height: 8) == turned)
    }

    @Test func everyFormOfOnePictureMakesOneRelease() async throws {
        let glass = try await open(plain)
        let wanted = try await glass.sanitize(colours, width: 8, height: 8).bytes
        func made(_ bytes: Data, _ picture: (UnsafeRawBufferPointer) -> Picture) throws -> Data {
            var room = Data(count: glass.releaseLength)
            try bytes.withUnsafeBytes { bytes in
                _ = try room.withUnsafeMutableBytes { try glass.sanitize(picture(bytes), into: $0) }
            }
            return room
        }
        var swapped = colours
        for i in stride(from: 0, to: 256, by: 4) { swapped.swapAt(i, i + 2) }
        #expect(try made(swapped) { .bgra8($0, width: 8, height: 8) } == wanted)

        let gray = Data((0..<64).map { UInt8($0 * 3 + 20) })
        let coloured = Data(gray.flatMap { [$0, $0, $0, 255] })
        let inGray = try made(coloured) { .rgba8($0, width: 8, height: 8) }
        #expect(try made(gray) { .gray8($0, width: 8, height: 8) } == inGray)
        // Luma, then chroma in turns, as cameras give it; 128 is no colour.
        let camera = gray + Data(repeating: 128, count: 32)
        let inPlanes = try made(camera) { bytes in
            let chroma = UnsafeRawBufferPointer(rebasing: bytes[64...])
            return .yuv420(
                y: Plane(UnsafeRawBufferPointer(rebasing: bytes[..<64]), rowStride: 8, pixelStride: 1),
                u: Plane(chroma, rowStride: 8, pixelStride: 2),
                v: Plane(UnsafeRawBufferPointer(rebasing: chroma[1...]), rowStride: 8, pixelStride: 2),
                encoding: .bt601Full, width: 8, height: 8)
        }
        #expect(inPlanes == inGray)
    }

    @Test func whatCannotBeSoIsRefusedAndTheSessionGoesOn() async throws {
        let glass = try await open(plain)
        var release = glass.newRelease()
        let before = release
        func refused(
            _ pixels: Data = colours, width: Int = 8, height: Int = 8, crop: Crop? = nil,
            rotation: Int = 0, stride: Int = 0, token: String? = nil
        ) async -> ErrorKind? {
            await refusal {
                try await glass.sanitize(
                    pixels, width: width, height: height, crop: crop, rotationDegrees: rotation,
                    rowStride: stride, token: token, into: &release)
            }
        }
        func crop(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> Crop {
            Crop(x: x, y: y, width: width, height: height)
        }
        #expect(await refused(Data()) == .frame)
        #expect(await refused(colours.dropLast()) == .frame)
        #expect(await refused(height: 9) == .frame)
        #expect(await refused(width: 0) == .frame)
        #expect(await refused(width: -8) == .frame)
        #expect(await refused(width: .max, height: .max) == .frame)
        #expect(await refused(stride: 31) == .frame)
        #expect(await refused(stride: -1) == .frame)
        #expect(await refused(crop: crop(1, 0, 8, 8)) == .frame)
        #expect(await refused(crop: crop(-1, 0, 8, 8)) == .frame)
        #expect(await refused(crop: crop(0, 0, .min, .max)) == .frame)
        #expect(await refused(crop: crop(2, 2, 0, 3)) == .frame)
        #expect(await refused(rotation: 45) == .frame)
        #expect(await refused(rotation: .max) == .frame)
        #expect(await refused(token: "without a ledger") == .token)
        #expect(await refused(token: "zero\0byte") == .token)

        for length in [0, glass.releaseLength - 1, glass.releaseLength + 1] {
            var room = [UInt8](repeating: 7, count: length)
            let kind = await refusal {
                try colours.withUnsafeBytes { bytes in
                    _ = try room.withUnsafeMutableBytes {
                        try glass.sanitize(.rgba8(bytes, width: 8, height: 8), into: $0)
                    }
                }
            }
            #expect(kind == .buffer)
            #expect(room.allSatisfy { $0 == 7 })
        }
        var both = [UInt8](repeating: 0, count: max(256, glass.releaseLength))
        let kind = await refusal {
            _ = try both.withUnsafeMutableBytes { both in
                try glass.sanitize(
                    .rgba8(UnsafeRawBufferPointer(both), width: 8, height: 8),
                    into: UnsafeMutableRawBufferPointer(rebasing: both[..<glass.releaseLength]))
            }
        }
        #expect(kind == .buffer)
        let other = try await open("grid(i8)")
        let foreign = await refusal {
            try await other.sanitize(colours, width: 8, height: 8, into: &release)
        }
        #expect(foreign == .buffer)

        #expect(release == before, "nothing was written")
        try await glass.sanitize(colours, width: 8, height: 8, into: &release)
        #expect(release != before)
    }
}
