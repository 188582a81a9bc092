package dev.frostglass

import dev.frostglass.ffi.Dp
import dev.frostglass.ffi.Stage

/** What a budget speaks of: what two pictures may differ in, or a person. */
public sealed interface BudgetUnit {
    /**
     * One person: all photographs of that person that this device sends, each against any other. Every
     * release is charged for the whole image.
     */
    public data object Person : BudgetUnit
}

/** What two pictures may differ in for a promise to speak of them. */
public sealed interface Adjacency : BudgetUnit {
    /** One number of the map; not one pixel of the photograph. */
    public data object Activation : Adjacency

    /** Any change inside one square patch of so many pixels a side, at the network's input. */
    public data class Patch(val side: Int) : Adjacency

    /** Any change to the whole picture. */
    public data object Image : Adjacency
}

internal fun Adjacency.native(): dev.frostglass.ffi.Adjacency = when (this) {
    Adjacency.Activation -> dev.frostglass.ffi.Adjacency.Activation
    is Adjacency.Patch -> dev.frostglass.ffi.Adjacency.Patch(unsigned("patch's side", side))
    Adjacency.Image -> dev.frostglass.ffi.Adjacency.Image
}

internal fun BudgetUnit.nativeUnit(): dev.frostglass.ffi.BudgetUnit = when (this) {
    BudgetUnit.Person -> dev.frostglass.ffi.BudgetUnit.Person
    is Adjacency -> dev.frostglass.ffi.BudgetUnit.Within(native())
}

internal fun unsigned(what: String, value: Int): UInt =
    if (value < 0) refuse(ErrorKind.POLICY, "the $what is $value, below 0") else value.toUInt()

/** Which rule turns epsilon into noise. */
public typealias Calibration = dev.frostglass.ffi.Calibration

/** Which sample of a window stands for all of them. */
public typealias HoldRule = dev.frostglass.ffi.HoldRule

/** Where windows begin anew. */
public typealias HoldWithin = dev.frostglass.ffi.HoldWithin

/** The integers that a release is written in. */
public typealias GridInteger = dev.frostglass.ffi.GridInteger

/**
 * What is done to activations before they leave: an ordered list of stages, checked when it is made.
 *
 * ```
 * val noisy = Policy { dp(epsilon = 5.0) }
 * val held = Policy { channels(0..15); hold(window = 8) }
 * check(held.text == Policy.parse("channels(0-15) | hold(8)").text)
 * ```
 */
public class Policy private constructor(internal val native: dev.frostglass.ffi.Policy) {
    /** The policy as text, every parameter written out; [parse] reads it. */
    public val text: String get() = translated { native.text() }

    override fun toString(): String = text

    public companion object {
        /**
         * A policy of the stages that [build] names, first to last.
         *
         * @throws FrostglassException [ErrorKind.POLICY] where a stage cannot be, or where their order
         *   would break a promise.
         */
        public operator fun invoke(build: PolicyBuilder.() -> Unit): Policy {
            val stages = PolicyBuilder().apply(build).stages
            return Policy(translated { dev.frostglass.ffi.Policy.of(stages) })
        }

        /**
         * A policy from text, as in `"channels(0-15) | dp(epsilon=5)"`.
         *
         * @throws FrostglassException [ErrorKind.POLICY], with the list of what is allowed.
         */
        @JvmStatic
        public fun parse(text: String): Policy =
            Policy(translated { dev.frostglass.ffi.Policy.parse(text) })
    }
}

/** Names the stages of a [Policy], in their order. */
public class PolicyBuilder internal constructor() {
    internal val stages = mutableListOf<Stage>()

    /** Keeps these channels of the map. */
    public fun channels(keep: Iterable<Int>) {
        stages += Stage.Channels(keep.map { unsigned("channel", it) })
    }

    /** Sample-and-hold: each window of so many values becomes one of its own samples. */
    public fun hold(
        window: Int,
        rule: HoldRule = HoldRule.NEAREST_MEAN,
        within: HoldWithin = HoldWithin.MAP,
    ) {
        stages += Stage.Hold(unsigned("window", window), rule, within)
    }

    /** Gaussian noise with a formal promise. What is left null is as the core has it. */
    public fun dp(
        epsilon: Double,
        delta: Double? = null,
        unit: Adjacency? = null,
        clip: Float? = null,
        aMax: Float? = null,
        width: Int? = null,
        alpha: Float? = null,
        beta: Float? = null,
        gamma: Float? = null,
        calibration: Calibration? = null,
    ) {
        val window = width?.let { unsigned("width", it) }
        stages += Stage.Dp(
            Dp(
                epsilon, delta, unit?.native(), aMax, window, alpha, beta, gamma, clip, calibration,
            ),
        )
    }

    /** Rounding to a public grid; its step is the model's own where none is given. */
    public fun grid(integer: GridInteger, step: Float? = null) {
        stages += Stage.Grid(integer, step)
    }
}
