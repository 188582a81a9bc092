import Foundation
import Testing
import frostglassFFI

@testable import Frostglass

/// The repository, where tests find what they share with other languages.
let root = URL(fileURLWithPath: ProcessInfo.processInfo.environment["FROSTGLASS_ROOT"] ?? "..")

/// A network of one convolution and a pool: 3 x 8 x 8 in, 2 x 4 x 4 out (core/tests/packed.rs).
let littleFile = root.appendingPathComponent("core/tests/packed/little.front")
let little = Model.packed(littleFile)

let plain = "grid(i16, step=2^-4)"

func open(_ policy: String, _ options: Frostglass.Options = .init()) async throws -> Frostglass {
    try await Frostglass.open(little, Policy(parsing: policy), options)
}

/// An 8 x 8 picture of four-byte pixels, opaque.
let colours = Data((0..<256).map(colour))

private func colour(_ i: Int) -> UInt8 {
    i % 4 == 3 ? 255 : UInt8(i * 29 % 251)
}

/// The kind with which a call is refused.
func refusal(_ call: () async throws -> Void) async -> ErrorKind? {
    do {
        try await call()
        return nil
    } catch let error as FrostglassError {
        return error.message.isEmpty ? nil : error.kind
    } catch {
        Issue.record("not a FrostglassError: \(error)")
        return nil
    }
}

/// A folder that nothing else uses.
func newFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("frostglass-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}

/// What a lab build has besides; looked up by name, since what ships has none of it.
enum Lab {
    typealias Seed = @convention(c) (UInt64, UInt64) -> Int32
    typealias Median =
        @convention(c) (
            UInt64, UnsafePointer<FrostglassPicture>, UnsafeMutablePointer<UInt8>, Int, UInt32
        ) -> Int64

    /// The noise of the session's next release comes from this seed.
    static let seed = function("frostglass_lab_seed", Seed.self)
    /// Nanoseconds that the same call takes when native code makes it: the median of so many.
    static let median = function("frostglass_lab_median", Median.self)
}

/// A C function of this process, where there is one of this name.
private func function<F>(_ name: String, _: F.Type) -> F? {
    dlsym(dlopen(nil, RTLD_NOW), name).map { unsafeBitCast($0, to: F.self) }
}

/// Bytes of memory that this process has, but for what the allocator keeps for later.
func memory(_ glass: Frostglass) async throws -> Int {
    typealias Trim = @convention(c) (Int) -> Int32
    _ = function("malloc_trim", Trim.self)?(0)
    return Int(try #require(try await glass.profile(runs: 1).memoryBefore))
}

/// FIPS 180-4, section 6.2, for tests alone: Foundation has no digest on every system.
func sha256(_ message: Data) -> String {
    var state = primes(8).map { fraction($0.squareRoot()) }
    let constants = primes(64).map { fraction(cbrt($0)) }
    var padded = [UInt8](message)
    padded.append(0x80)
    while padded.count % 64 != 56 { padded.append(0) }
    let bits = UInt64(message.count) * 8
    for shift in stride(from: 56, through: 0, by: -8) {
        padded.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    for start in stride(from: 0, to: padded.count, by: 64) {
        var words = [UInt32](repeating: 0, count: 64)
        for i in 0..<64 { words[i / 4] = words[i / 4] << 8 | UInt32(padded[start + i]) }
        // Only the first sixteen come from the message.
        for i in 16..<64 {
            let (a, b): (UInt32, UInt32) = (words[i - 15], words[i - 2])
            let s0: UInt32 = turn(a, 7) ^ turn(a, 18) ^ (a >> 3)
            let s1: UInt32 = turn(b, 17) ^ turn(b, 19) ^ (b >> 10)
            words[i] = words[i - 16] &+ s0 &+ words[i - 7] &+ s1
        }
        var s: [UInt32] = state
        for i in 0..<64 {
            let s1: UInt32 = turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)
            let choice: UInt32 = (s[4] & s[5]) ^ (~s[4] & s[6])
            let t1: UInt32 = s[7] &+ s1 &+ choice &+ constants[i] &+ words[i]
            let s0: UInt32 = turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)
            let majority: UInt32 = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2])
            s = [t1 &+ s0 &+ majority, s[0], s[1], s[2], s[3] &+ t1, s[4], s[5], s[6]]
        }
        for i in 0..<8 { state[i] = state[i] &+ s[i] }
    }
    return state.map(hexadecimal).joined()
}

private func primes(_ count: Int) -> [Double] {
    var found: [Int] = []
    var next = 2
    while found.count < count {
        let number = next
        if !found.contains(where: { number % $0 == 0 }) { found.append(number) }
        next += 1
    }
    return found.map { Double($0) }
}

private func fraction(_ number: Double) -> UInt32 {
    UInt32((number - number.rounded(.down)) * 0x1p32)
}

private func turn(_ word: UInt32, _ by: UInt32) -> UInt32 {
    (word >> by) | (word << (32 - by))
}

private func hexadecimal(_ word: UInt32) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
}
