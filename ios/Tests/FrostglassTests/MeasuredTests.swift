import Foundation
import Testing
import frostglassFFI

@testable import Frostglass

private let environment = ProcessInfo.processInfo.environment

/// Time and memory, which are measured while nothing else runs: with `FROSTGLASS_MEASURE` set, on a
/// library of the lab.
@Suite(.serialized, .enabled(if: environment["FROSTGLASS_MEASURE"] != nil))
struct MeasuredTests {
    private static let calls = 10_000
    private static let rounds = 10
    private static let mostMicroseconds = 20.0
    private static let mostGrowth = 2 << 20

    @Test func swiftAddsLittleToTheCall() async throws {
        let glass = try await open(plain)
        var release = glass.newRelease()
        let clock = ContinuousClock()
        func swift() async throws -> Double {
            var took: [Duration] = []
            for _ in 0..<Self.calls / Self.rounds {
                let begun = clock.now
                try await glass.sanitize(colours, width: 8, height: 8, into: &release)
                took.append(clock.now - begun)
            }
            return took.sorted()[took.count / 2] / .microseconds(1)
        }
        let median = try #require(Lab.median, "a library of the lab")
        func native() -> Double {
            var room = [UInt8](repeating: 0, count: glass.releaseLength)
            return colours.withUnsafeBytes { bytes in
                var picture = FrostglassPicture()
                (picture.width, picture.height) = (8, 8)
                picture.planes.0.bytes = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
                picture.planes.0.length = bytes.count
                let count = UInt32(Self.calls / Self.rounds)
                return Double(median(glass.number, &picture, &room, room.count, count)) / 1000
            }
        }
        var added: [Double] = []
        for round in 0..<2 * Self.rounds {
            let (there, here) = (native(), try await swift())
            try #require(there > 0, "native code was refused")
            // The first half is for the machine to get warm.
            if round >= Self.rounds { added.append(here - there) }
        }
        let measured = added.sorted()[Self.rounds / 2]
        let figures = String(
            format: "%.2f us, at most %.0f; the call alone takes %.2f us", measured,
            Self.mostMicroseconds, native())
        print("Swift's sanitize over the native call: \(figures)")
        #expect(measured <= Self.mostMicroseconds)
    }

    @Test func memoryStaysFlat() async throws {
        let glass = try await open(plain)
        var release = glass.newRelease()
        func calls() async throws {
            for _ in 0..<Self.calls {
                try await glass.sanitize(colours, width: 8, height: 8, into: &release)
                _ = try await glass.sanitize(colours, width: 8, height: 8)
                _ = await refusal { _ = try await glass.sanitize(Data(), width: 8, height: 8) }
            }
        }
        try await calls()
        let before = try await memory(glass)
        try await calls()
        let growth = try await memory(glass) - before
        print("growth over \(3 * Self.calls) calls: \(growth) bytes, at most \(Self.mostGrowth)")
        #expect(growth <= Self.mostGrowth)
    }

    /// Eight threads use eight sessions and close them under each other's hands.
    @Test func sessionsAreClosedUnderThreadsThatUseThem() async throws {
        let seconds = Double(environment["FROSTGLASS_STRESS_SECONDS"] ?? "") ?? 8
        let stress = try await Stress(seconds: seconds)
        let grown = try await stress.run()
        let counts = stress.counts
        print(
            "\(counts.made) releases, \(counts.closed) sessions closed, \(counts.refused) calls found "
                + "theirs closed in \(seconds) s; memory grew by \(grown) bytes at least")
        #expect(counts.wrong == 0)
        #expect(counts.made > 100 && counts.closed > 10 && counts.refused > 0)
        #expect(grown <= Self.mostGrowth)
    }
}

private final class Stress: @unchecked Sendable {
    struct Counts {
        var made = 0, closed = 0, refused = 0, wrong = 0
    }

    private(set) var counts = Counts()
    private var sessions: [Frostglass] = []
    private let lock = NSLock()
    private let wanted: [UInt8]
    private let seconds: Double

    init(seconds: Double) async throws {
        self.seconds = seconds
        for _ in 0..<8 { sessions.append(try await open(plain)) }
        wanted = Array(try await sessions[0].sanitize(colours, width: 8, height: 8).bytes)
    }

    /// The fewest bytes that memory grew by from one quarter of the time to the next: allocators may
    /// still be getting what so many threads need, but what leaks does so in each. Memory is read when
    /// the threads have ended.
    func run() async throws -> Int {
        let meter = try await open(plain)
        var readings: [Int] = []
        for _ in 0..<4 {
            try await quarter()
            readings.append(try await memory(meter))
        }
        return zip(readings.dropFirst(), readings).map { $0 - $1 }.min()!
    }

    private func quarter() async throws {
        let end = Date(timeIntervalSinceNow: seconds / 4)
        let threads = (0..<8).map { _ in Thread { self.work(until: end) } }
        threads.forEach { $0.start() }
        while threads.contains(where: { !$0.isFinished }) {
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func work(until end: Date) {
        var mine = Counts()
        var room = [UInt8](repeating: 0, count: wanted.count)
        while Date() < end {
            let slot = Int.random(in: 0..<8)
            let glass = lock.withLock { sessions[slot] }
            if Int.random(in: 0..<20) == 0 {
                glass.close()
                if let next = try? Frostglass.opened(little, Policy(parsing: plain)) {
                    lock.withLock { sessions[slot] = next }
                    mine.closed += 1
                } else {
                    mine.wrong += 1
                }
                continue
            }
            do {
                _ = try colours.withUnsafeBytes { bytes in
                    try room.withUnsafeMutableBytes {
                        try glass.sanitize(.rgba8(bytes, width: 8, height: 8), into: $0)
                    }
                }
                mine.made += 1
                if room != wanted { mine.wrong += 1 }
            } catch let error as FrostglassError where error.kind == .closed {
                mine.refused += 1
            } catch {
                mine.wrong += 1
            }
        }
        lock.withLock {
            counts.made += mine.made
            counts.closed += mine.closed
            counts.refused += mine.refused
            counts.wrong += mine.wrong
        }
    }
}
