import Foundation
import Testing

import Frostglass

/// The newcomer's page: what it shows is compiled here, and runs.
@Suite struct GuideTests {
    @Test func thePageShowsTheProgramThatIsCompiled() throws {
        func text(_ path: String) throws -> String {
            try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        }
        let program = try text("ios/Tests/FrostglassTests/Sender.swift")
        #expect(try text("docs/ios.md").contains("```swift\n\(program)```\n"))
        #expect(program.split(separator: "\n").count < 30)
    }

    @Test func theProgramMakesReleasesUntilItsBudgetIsSpent() async throws {
        let folder = try newFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let sender = try await Sender(front: little, ledger: folder.appendingPathComponent("ledger"))
        #expect(try sender.promises().contains { $0.contains("differentially private") })
        let face = Crop(x: 2, y: 2, width: 8, height: 8)
        func make() async throws -> Release {
            try await sender.release(of: Data(count: 16 * 16 * 4), width: 16, height: 16, face: face)
        }
        #expect(try await make().describe().shape == [2, 4, 4])
        var made = 1
        let kind = await refusal {
            while true {
                _ = try await make()
                made += 1
            }
        }
        #expect(kind == .budget)
        #expect(made > 8, "Gaussian releases add up slower than one by one")
        sender.close()
    }
}
