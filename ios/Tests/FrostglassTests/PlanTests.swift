import Foundation
import Testing

@testable import Frostglass

/// The choice among plans: of a list that every language shares (tests/conformance/README.md), and of plans
/// that are opened and measured here.
@Suite struct PlanTests {
    struct List: Decodable {
        let candidates: [String: [Listed]]
        let selections: [Selection]
    }

    struct Listed: Decodable {
        let depth, channels: UInt32?
        let latency_microseconds, energy_joules, psnr: Double?
        let memory_bytes: UInt64?

        var figures: Figures {
            Figures(
                latencyMicroseconds: latency_microseconds, memoryBytes: memory_bytes,
                energyJoules: energy_joules, psnr: psnr)
        }
    }

    struct Selection: Decodable {
        struct Expected: Decodable {
            let chosen, closest: Int?
            let beyond: [[String]]?
        }
        let name, among, demand: String
        let limits: Listed
        let expect: Expected
    }

    @Test func everySelectionIsAsTheListSays() throws {
        let file = root.appendingPathComponent("tests/conformance/selections.json")
        let list = try JSONDecoder().decode(List.self, from: Data(contentsOf: file))
        #expect(list.selections.count > 12)
        let policy = try Policy(parsing: plain)
        for selection in list.selections {
            let candidates = try #require(list.candidates[selection.among]).map {
                Candidate(depth: $0.depth!, channels: $0.channels!, figures: $0.figures)
            }
            let plans = candidates.map { _ in Plan(little, policy) }
            let demand: PrivacyDemand = selection.demand == "high" ? .high : .low
            let (name, expected) = (Comment(rawValue: selection.name), selection.expect)
            let measured: [MeasuredPlan]
            do {
                let found = try Frostglass.selected(plans, candidates, selection.limits.figures, demand)
                #expect(found.index == expected.chosen, name)
                measured = found.measured
            } catch {
                #expect(expected.chosen == nil && error.closestIndex == expected.closest, name)
                measured = error.measured
            }
            #expect(measured.map(\.candidate) == candidates, name)
            if let beyond = expected.beyond {
                #expect(measured.map { $0.beyond.map { "\($0)" } } == beyond, name)
            }
        }
    }

    private func plans() throws -> [Plan] {
        [
            Plan(little, try Policy(parsing: "channels(1)|grid(i8)"), psnr: 15),
            Plan(little, try Policy(parsing: plain), psnr: 20),
            Plan(little, try Policy(.hold(window: 2))),
        ]
    }

    @Test func thePlanWithTheMostChannelsWithinTheLimitsIsChosen() async throws {
        let wide = try await Frostglass.plan(
            among: plans(), limits: Figures(psnr: 20), demand: .high, runs: 3)
        #expect(wide.index == 1)
        #expect(wide.measured.map(\.candidate.channels) == [1, 2, 2])
        #expect(wide.measured[0].candidate.depth == 2, "a convolution and a pool")
        #expect(wide.measured[1].candidate.figures.latencyMicroseconds! > 0)
        #expect(wide.measured.map(\.beyond) == [[], [], [.leakage]], "nobody has measured the third")
        let narrow = try await Frostglass.plan(
            among: plans(), limits: Figures(psnr: 16), demand: .low, runs: 3)
        #expect(narrow.index == 0)
        try await Frostglass.open(narrow.plan.model, narrow.plan.policy).close()
    }

    @Test func whereNoneFitsTheClosestIsNamed() async throws {
        let limits = Figures(latencyMicroseconds: 0, psnr: 10)
        let none = try await unmet(plans(), Figures(psnr: 10), .high)
        #expect(none.closestIndex == 0 && none.measured.count == 3)
        let slow = try await unmet([plans()[0]], limits, .low)
        #expect(slow.closest?.beyond == [.latency, .leakage])
        let nothing = try await unmet([], limits, .low)
        #expect(nothing.closest == nil)
    }

    private func unmet(_ plans: [Plan], _ limits: Figures, _ demand: PrivacyDemand) async throws
        -> NoPlanFits
    {
        var found: NoPlanFits?
        do {
            _ = try await Frostglass.plan(among: plans, limits: limits, demand: demand, runs: 1)
        } catch let error as NoPlanFits {
            found = error
        }
        return try #require(found, "a plan was chosen")
    }

    @Test func aPlanThatCannotBeOpenedOrMeasuredIsRefused() async throws {
        let none = [Plan(.packed(Data()), try Policy(parsing: plain))]
        let kind = await refusal {
            _ = try await Frostglass.plan(among: none, limits: Figures(), demand: .low)
        }
        #expect(kind == .model)
        for runs in [0, -1] {
            let kind = await refusal {
                _ = try await Frostglass.plan(
                    among: plans(), limits: Figures(), demand: .low, runs: runs)
            }
            #expect(kind == .frame)
        }
    }
}
