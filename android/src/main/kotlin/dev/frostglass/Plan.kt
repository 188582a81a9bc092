package dev.frostglass

/**
 * What a front takes of the device and tells of a picture, or the most that it may; null where that is
 * not known, or not limited.
 */
public typealias Figures = dev.frostglass.ffi.Figures

/** A front under a policy: its depth, its channels, and what it was measured to take and to tell. */
public typealias Candidate = dev.frostglass.ffi.Candidate

/** What a limit can be on. */
public typealias Quantity = dev.frostglass.ffi.Quantity

/** What is asked of a front first: to tell little, or to take little of the device. */
public typealias PrivacyDemand = dev.frostglass.ffi.PrivacyDemand

/** One way to run: a front under a policy. [Frostglass.plan] chooses among several. */
public class Plan(
    /** The front, cut at one layer. */
    public val model: Model,
    /** What is done to its activations. */
    public val policy: Policy,
    /**
     * The mean PSNR, in dB, of what an attack rebuilt from such releases, where you have measured that;
     * what the model's card knows of them where null.
     */
    public val psnr: Double? = null,
)

/** A plan as it was measured on this device. */
public class MeasuredPlan internal constructor(
    /** The plan. */
    public val plan: Plan,
    /** What it takes and what it tells. */
    public val candidate: Candidate,
    /** The limits that it is beyond, or not known to be within; none where it could be chosen. */
    public val beyond: List<Quantity>,
)

/** The plan that was chosen, and all of them as they were measured. */
public class PlanSelection internal constructor(
    /** The one to open. */
    public val plan: Plan,
    /** All of them, in their order. */
    public val measured: List<MeasuredPlan>,
)

/** No plan is within all limits. */
public class NoPlanFitsException internal constructor(
    /** The plan whose largest excess is smallest; null where there were no plans. */
    public val closest: MeasuredPlan?,
    /** All of them, in their order. */
    public val measured: List<MeasuredPlan>,
) : Exception("none of ${measured.size} plans is within the limits; raise one, or offer other plans")

/** The core's choice among plans that were measured. */
internal fun selected(
    plans: List<Plan>,
    candidates: List<Candidate>,
    limits: Figures,
    demand: PrivacyDemand,
): PlanSelection {
    val (chosen, closest, beyond) =
        translated { dev.frostglass.ffi.selectFront(candidates, limits, demand) }
    val measured = plans.indices.map { MeasuredPlan(plans[it], candidates[it], beyond[it]) }
    if (chosen == null) throw NoPlanFitsException(closest?.let { measured[it.toInt()] }, measured)
    return PlanSelection(plans[chosen.toInt()], measured)
}
