import Foundation
import Testing

@testable import Frostglass

/// The behaviours that every language shares (tests/conformance/README.md), from Swift.
@Suite struct ConformanceTests {
    struct List: Decodable {
        let behaviours: [Behaviour]
    }

    struct Behaviour: Decodable, Sendable, CustomTestStringConvertible {
        struct Picture: Decodable {
            let format: String
            let width, height: Int
            let row_stride, pixel_stride, rotation, bytes: Int?
            let crop: [Int]?
            let mirror: Bool?
        }
        struct Cap: Decodable {
            let epsilon, delta: Double
            let unit: String
        }
        struct Expected: Decodable {
            let sha256, error: String?
            let resent, differ: Bool?
        }
        let name, policy: String
        let picture: Picture
        let seed: UInt64?
        let calls, threads, front_threads, release: Int?
        let ledger: Cap?
        let token, model, digest: String?
        let closed: Bool?
        let expect: Expected

        var testDescription: String { name }
    }

    struct Answer {
        var bytes = Data()
        var resent = false
        var error: String?
    }

    static let behaviours: [Behaviour] = {
        let file = root.appendingPathComponent("tests/conformance/behaviours.json")
        let list = try! JSONDecoder().decode(List.self, from: Data(contentsOf: file))
        return list.behaviours.filter { $0.seed == nil || Lab.seed != nil }
    }()

    @Test func thereAreManyBehaviours() {
        print("\(Self.behaviours.count) behaviours; \(Lab.seed == nil ? "no lab" : "a lab")")
        #expect(Self.behaviours.count > 30)
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(sha256(Data("abc".utf8)) == digest)
    }

    @Test(arguments: behaviours)
    func behaviourIsAsTheListSays(_ behaviour: Behaviour) async throws {
        let answers = try await answers(to: behaviour)
        let made = answers.filter { $0.error == nil }
        let expected = behaviour.expect
        if let digest = expected.sha256 {
            for answer in answers {
                #expect(answer.error == nil)
                #expect(sha256(answer.bytes) == digest)
                #expect(!answer.resent)
            }
        } else if let error = expected.error {
            #expect(answers.last?.error == error)
            #expect(made.count == answers.count - 1)
        } else if expected.resent == true {
            #expect(made.count == answers.count && made.count > 1)
            #expect(answers.last!.resent && !answers.first!.resent)
            #expect(answers.last!.bytes == answers.first!.bytes)
        } else {
            #expect(expected.differ == true)
            #expect(Set(made.map(\.bytes)).count == answers.count)
        }
    }

    private func answers(to behaviour: Behaviour) async throws -> [Answer] {
        let folder = try newFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let glass: Frostglass
        do {
            glass = try await opened(behaviour, folder)
        } catch let error as FrostglassError {
            return [Answer(error: "\(error.kind)")]
        }
        if behaviour.closed == true { glass.close() }
        if let seed = behaviour.seed { #expect(Lab.seed!(glass.number, seed) == 0) }
        let (threads, calls) = (behaviour.threads ?? 1, behaviour.calls ?? 1)
        let all = await withTaskGroup(of: [Answer].self) { group in
            for _ in 0..<threads {
                group.addTask { (0..<calls).map { _ in call(glass, behaviour) } }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        glass.close()
        return all
    }

    private func opened(_ behaviour: Behaviour, _ folder: URL) async throws -> Frostglass {
        let policy = try Policy(parsing: behaviour.policy)
        let bytes = try Data(contentsOf: littleFile)
        let model: Model =
            switch behaviour.model {
            case nil: .packed(bytes, digest: behaviour.digest)
            case "empty": .packed(Data())
            case "cut short": .packed(bytes.dropLast())
            default: .packed(folder.appendingPathComponent("none"))
            }
        var options = Frostglass.Options(threads: behaviour.front_threads ?? 1)
        if let cap = behaviour.ledger {
            let unit: BudgetUnit = cap.unit == "image" ? .image : .activation
            let budget = Budget(epsilon: cap.epsilon, delta: cap.delta, unit: unit)
            options.ledger = try Ledger(folder.appendingPathComponent("ledger"), budget: budget)
        }
        return try await Frostglass.open(model, policy, options)
    }
}

private func call(_ glass: Frostglass, _ behaviour: ConformanceTests.Behaviour) -> Answer {
    let picture = behaviour.picture
    let (width, height) = (picture.width, picture.height)
    let crop = picture.crop.map { Crop(x: $0[0], y: $0[1], width: $0[2], height: $0[3]) }
    var room = [UInt8](repeating: 0, count: glass.releaseLength + (behaviour.release ?? 0))
    func sanitize(_ picture: Picture) throws -> Bool {
        try room.withUnsafeMutableBytes {
            try glass.sanitize(
                picture, crop: crop, rotationDegrees: behaviour.picture.rotation ?? 0,
                mirror: behaviour.picture.mirror ?? false, token: behaviour.token, into: $0)
        }
    }
    do {
        let resent: Bool
        if picture.format == "yuv420" {
            let step = picture.pixel_stride!
            let (across, down) = ((width + 1) / 2, (height + 1) / 2)
            resent = try pattern(width * height, 29, 0).withUnsafeBytes { y in
                try pattern(across * down * step, 17, 3).withUnsafeBytes { u in
                    try pattern(across * down * step, 7, 11).withUnsafeBytes { v in
                        try sanitize(
                            .yuv420(
                                y: Plane(y, rowStride: width, pixelStride: 1),
                                u: Plane(u, rowStride: across * step, pixelStride: step),
                                v: Plane(v, rowStride: across * step, pixelStride: step),
                                encoding: .bt601Full, width: width, height: height))
                    }
                }
            }
        } else {
            let stride = picture.row_stride ?? 0
            let needed = stride == 0 ? 4 * width * height : stride * height
            var pixels = pattern(picture.bytes ?? needed, 29, 0)
            for i in Swift.stride(from: 3, to: pixels.count, by: 4) { pixels[i] = 255 }
            resent = try pixels.withUnsafeBytes {
                try sanitize(.rgba8($0, width: width, height: height, rowStride: stride))
            }
        }
        return Answer(bytes: Data(room), resent: resent)
    } catch {
        return Answer(error: (error as? FrostglassError).map { "\($0.kind)" } ?? "\(error)")
    }
}

private typealias Answer = ConformanceTests.Answer

private func pattern(_ count: Int, _ times: Int, _ plus: Int) -> [UInt8] {
    (0..<count).map { (i: Int) -> UInt8 in UInt8((times * i + plus) % 251) }
}
