import Foundation
import Testing

@testable import Frostglass

/// Opening, closing, sharing, and what goes wrong with models.
@Suite struct SessionTests {
    @Test func aClosedSessionSaysSo() async throws {
        let glass = try await open(plain)
        glass.close()
        glass.close()
        let kind = await refusal { _ = try await glass.sanitize(colours, width: 8, height: 8) }
        #expect(kind == .closed)
        #expect(try !glass.receipt().promises.isEmpty, "what was promised can still be read")
    }

    @Test func aCancelledTaskGetsItsCancellationAndLeavesTheSessionFree() async throws {
        let glass = try await open(plain)
        let task = Task {
            while true { _ = try await glass.sanitize(colours, width: 8, height: 8) }
        }
        _ = try await glass.sanitize(colours, width: 8, height: 8)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        _ = try await glass.sanitize(colours, width: 8, height: 8)
    }

    @Test func aModelThatCannotBeUsedIsRefused() async throws {
        func opening(_ model: Model, _ options: Frostglass.Options = .init()) async -> ErrorKind? {
            await refusal { _ = try await Frostglass.open(model, Policy(parsing: plain), options) }
        }
        let bytes = try Data(contentsOf: littleFile)
        #expect(await opening(.packed(Data())) == .model)
        #expect(await opening(.packed(bytes.prefix(100))) == .model)
        #expect(await opening(.packed(root.appendingPathComponent("README.md"))) == .model)
        #expect(await opening(.packed(bytes, digest: "abc")) == .model)
        #expect(await opening(.packed(bytes, digest: String(repeating: "0", count: 64))) == .model)
        #expect(await opening(.onnx(Data(), card: "", cut: "p")) == .model)
        #expect(await opening(.packed(URL(fileURLWithPath: "/no/such/file"))) == .system)
        #expect(await opening(.packed(URL(fileURLWithPath: "/zero\0byte"))) == .system)
        #expect(await opening(.resource("no such.front")) == .system)
        for threads in [0, 5, -1, Int.max] {
            #expect(await opening(.packed(bytes), .init(threads: threads)) == .threads)
        }
        #expect(await opening(.packed(bytes), .init(block: -1)) == .ledger)
    }

    @Test func manyTasksShareASession() async throws {
        let glass = try await open(plain)
        let wanted = try await glass.sanitize(colours, width: 8, height: 8)
        try await withThrowingTaskGroup(of: Release.self) { group in
            for _ in 0..<100 {
                group.addTask { try await glass.sanitize(colours, width: 8, height: 8) }
            }
            for try await release in group { #expect(release == wanted) }
        }
    }

    @Test func aPolicyThatIsBuiltIsTheOneThatIsWritten() throws {
        let built = try Policy(
            .channels(0...1), .dp(epsilon: 8, unit: .patch(side: 8), clip: 4), .hold(window: 3))
        let text = "channels(0-1)|dp(epsilon=8, unit=patch(8), clip=4)|hold(3)"
        #expect(try built.text == Policy(parsing: text).text)
        #expect(try "\(Policy(.grid(.i8)))" == Policy(parsing: "grid(i8)").text)
        let rules: [(HoldRule, String)] = [
            (.nearestMean, "nearest-mean"), (.median, "median"), (.largest, "largest"), (.first, "first"),
        ]
        for (rule, name) in rules {
            for (within, place) in [(HoldWithin.map, "map"), (.row, "row")] {
                let built = try Policy(.hold(window: 8, rule: rule, within: within))
                #expect(try built.text == Policy(parsing: "hold(8, rule=\(name), within=\(place))").text)
            }
        }
        for stages: [Stage] in [
            [], [.hold(window: 0)], [.hold(window: -1)], [.channels([-1])],
            [.hold(window: 2), .dp(epsilon: 1)], [.dp(epsilon: 1, unit: .patch(side: -1))],
        ] {
            #expect(throws: FrostglassError.self) { try Policy(stages) }
        }
    }

    @Test func aReceiptSaysWhatIsPromisedAndWhatIsNot() async throws {
        let receipt = try await open("dp(epsilon=1, unit=image)").receipt()
        #expect(receipt.costs.last!.useful)
        #expect(!receipt.notProtected.isEmpty && receipt.text.contains("formal"))
    }

    @Test func aProfileHasTimesAndTheirSources() async throws {
        let glass = try await open(plain)
        let profile = try await glass.profile(runs: 20)
        #expect(profile.runs == 20 && profile.leastMicroseconds > 0)
        #expect(profile.medianMicroseconds <= profile.mostMicroseconds)
        #expect(profile.memoryHighest ?? 0 > 0 && !profile.sources.memory.isEmpty)
        #expect(await refusal { _ = try await glass.profile(runs: 0) } == .frame)
        #expect(await refusal { _ = try await glass.profile(runs: -1) } == .frame)
        glass.close()
        #expect(await refusal { _ = try await glass.profile() } == .closed)
    }

    @Test func aLedgerRefusesPastItsBudgetAndRemembersTokens() async throws {
        let folder = try newFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("ledger")
        let budget = Budget(epsilon: 2, delta: 1e-5, unit: .activation)
        do {
            let ledger = try Ledger(file, budget: budget)
            let glass = try await open("dp(epsilon=1)", .init(ledger: ledger))
            func make(_ token: String? = nil) async throws -> Release {
                try await glass.sanitize(colours, width: 8, height: 8, token: token)
            }
            let first = try await make("message 1")
            let again = try await make("message 1")
            #expect(!first.isResent && again.isResent && again.bytes == first.bytes)
            #expect(try ledger.standing().releases == 1)
            var made = 1
            let kind = await refusal {
                while true {
                    _ = try await make()
                    made += 1
                }
            }
            #expect(kind == .budget)
            #expect(made == 3, "releases of epsilon 1 under epsilon 2 (core's own example)")
            #expect(try Ledger.check(file).whole)
            glass.close()
        }
        let other = Budget(epsilon: 9, delta: 1e-5, unit: .activation)
        #expect(await refusal { _ = try Ledger(file, budget: other) } == .ledger)
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] &+= 1
        try bytes.write(to: file)
        #expect(await refusal { _ = try Ledger(file, budget: budget) } == .ledger)
        #expect(try !Ledger.check(file).whole)
        let moved = try Ledger.continueDamaged(file)
        #expect(FileManager.default.fileExists(atPath: moved.path))
        #expect(try Ledger.check(file).whole)
    }
}
