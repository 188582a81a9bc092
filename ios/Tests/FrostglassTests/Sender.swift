import Foundation
import Frostglass

/// Makes what may leave the phone of photographs; call `close` when no more come.
struct Sender: Sendable {
    private let glass: Frostglass

    init(front: Model = .resource("face.front"), ledger: URL) async throws {
        let budget = Budget(epsilon: 8, delta: 1e-5, unit: .image)
        let policy = try Policy(.dp(epsilon: 1, unit: .image))
        let options = Frostglass.Options(ledger: try Ledger(ledger, budget: budget))
        glass = try await Frostglass.open(front, policy, options)
    }

    /// What is promised for each photograph, for the app's privacy screen.
    func promises() throws -> [String] { try glass.receipt().promises.map(\.statement) }

    func release(of photo: Data, width: Int, height: Int, face: Crop) async throws -> Release {
        try await glass.sanitize(photo, width: width, height: height, crop: face)
    }

    func close() { glass.close() }
}
