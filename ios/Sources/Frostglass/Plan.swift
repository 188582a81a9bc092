import FrostglassBindings

/// What a front takes of the device and tells of a picture, or the most that it may; nil where that is
/// not known, or not limited.
public typealias Figures = FrostglassBindings.Figures

/// A front under a policy: its depth, its channels, and what it was measured to take and to tell.
public typealias Candidate = FrostglassBindings.Candidate

/// What a limit can be on.
public typealias Quantity = FrostglassBindings.Quantity

/// What is asked of a front first: to tell little, or to take little of the device.
public typealias PrivacyDemand = FrostglassBindings.PrivacyDemand

/// One way to run: a front under a policy. ``Frostglass/plan(among:limits:demand:runs:)`` chooses among
/// several.
public struct Plan: Sendable {
    /// The front, cut at one layer.
    public var model: Model
    /// What is done to its activations.
    public var policy: Policy
    /// The mean PSNR, in dB, of what an attack rebuilt from such releases, where you have measured that;
    /// what the model's card knows of them where nil.
    public var psnr: Double?

    /// A front under a policy.
    public init(_ model: Model, _ policy: Policy, psnr: Double? = nil) {
        self.model = model
        self.policy = policy
        self.psnr = psnr
    }
}

/// A plan as it was measured on this device.
public struct MeasuredPlan: Sendable {
    /// The plan.
    public let plan: Plan
    /// What it takes and what it tells.
    public let candidate: Candidate
    /// The limits that it is beyond, or not known to be within; none where it could be chosen.
    public let beyond: [Quantity]
}

/// The plan that was chosen, and all of them as they were measured.
public struct PlanSelection: Sendable {
    /// Its place among the plans.
    public let index: Int
    /// All of them, in their order.
    public let measured: [MeasuredPlan]
    /// The one to open.
    public var plan: Plan { measured[index].plan }
}

/// No plan is within all limits.
public struct NoPlanFits: Error, CustomStringConvertible {
    /// The place of the plan whose largest excess is smallest; nil where there were no plans.
    public let closestIndex: Int?
    /// All of them, in their order.
    public let measured: [MeasuredPlan]
    /// The plan that comes closest.
    public var closest: MeasuredPlan? { closestIndex.map { measured[$0] } }

    public var description: String {
        "none of \(measured.count) plans is within the limits; raise one, or offer other plans"
    }
}

extension Frostglass {
    /// Chooses the plan for this device: opens one after the other, measures so many runs of each as
    /// ``profile(runs:)`` does, and takes of those within the limits the deepest front where the demand on
    /// privacy is high, the shallowest where it is low; then the one with the most channels. A figure
    /// that nobody knows counts as beyond its limit.
    ///
    /// ```swift
    /// let policy = try Policy(.hold(window: 4))
    /// let plans = ["shallow.front", "deep.front"].map { Plan(.resource($0), policy) }
    /// let limits = Figures(latencyMicroseconds: 20_000, psnr: 17)
    /// let chosen = try await Frostglass.plan(among: plans, limits: limits, demand: .high).plan
    /// let glass = try await Frostglass.open(chosen.model, chosen.policy)
    /// ```
    ///
    /// - Throws: ``NoPlanFits`` where none is within the limits, with the one that comes closest and what is
    ///   in the way of each; ``FrostglassError`` where a plan cannot be opened.
    public static func plan(
        among plans: [Plan], limits: Figures, demand: PrivacyDemand, runs: Int = 50
    ) async throws -> PlanSelection {
        var candidates: [Candidate] = []
        for plan in plans {
            try Task.checkCancellation()
            let glass = try await open(plan.model, plan.policy)
            defer { glass.close() }
            candidates.append(try await glass.candidate(runs: runs, psnr: plan.psnr))
        }
        return try selected(plans, candidates, limits, demand)
    }

    /// The core's choice among plans that were measured.
    static func selected(
        _ plans: [Plan], _ candidates: [Candidate], _ limits: Figures, _ demand: PrivacyDemand
    ) throws(NoPlanFits) -> PlanSelection {
        let found = selectFront(candidates: candidates, limits: limits, demand: demand)
        let measured = plans.indices.map {
            MeasuredPlan(plan: plans[$0], candidate: candidates[$0], beyond: found.beyond[$0])
        }
        guard let chosen = found.chosen else {
            throw NoPlanFits(closestIndex: found.closest.map { Int($0) }, measured: measured)
        }
        return PlanSelection(index: Int(chosen), measured: measured)
    }
}
