package dev.frostglass

import dev.frostglass.ffi.checkLedger
import dev.frostglass.ffi.continueDamagedLedger
import java.io.File

/** The most that all releases of a ledger may cost together; fixed before the first. */
public data class Budget(
    /** The epsilon that is not passed. */
    val epsilon: Double,
    /** The delta that goes with it. */
    val delta: Double,
    /** What adjacent pictures differ in, or a person. */
    val unit: BudgetUnit,
)

/** The total of a ledger beside its budget. */
public typealias Standing = dev.frostglass.ffi.Standing

/** What reading a ledger's file from end to end found. */
public typealias LedgerCheck = dev.frostglass.ffi.LedgerCheck

/**
 * The file that adds up what releases cost, and refuses past its budget. Sessions and processes may
 * share it.
 *
 * Keep it out of backups (`android:dataExtractionRules`, `Context.noBackupFilesDir`): a ledger that is
 * put back gives its budget back.
 */
public class Ledger private constructor(internal val native: dev.frostglass.ffi.Ledger) : AutoCloseable {
    /**
     * What is spent so far, other processes' charges included.
     *
     * @throws FrostglassException [ErrorKind.LEDGER] or [ErrorKind.BUSY].
     */
    public fun standing(): Standing = translated { native.standing() }

    /** Removes the release that was kept under a token. The token stays used. */
    public fun forget(token: String): Unit = translated { native.forget(token) }

    /** Frees it; sessions that charge to it go on. */
    override fun close(): Unit = native.close()

    public companion object {
        /**
         * Opens the ledger in a file, which must have this budget, or begins one with it.
         *
         * @throws FrostglassException [ErrorKind.LEDGER] where the file is damaged or has another
         *   budget, [ErrorKind.BUSY] where another process holds it for ten seconds.
         */
        @JvmStatic
        public fun open(file: File, budget: Budget): Ledger {
            val (epsilon, delta, unit) = budget
            val fixed = dev.frostglass.ffi.Budget(epsilon, delta, unit.nativeUnit())
            return Ledger(translated { dev.frostglass.ffi.Ledger.open(file.path, fixed) })
        }

        /** Reads a ledger's file from end to end, changing nothing; a damaged one too. */
        @JvmStatic
        public fun check(file: File): LedgerCheck = translated { checkLedger(file.path) }

        /**
         * Puts a successor in the place of a damaged ledger, forgetting nothing that was spent.
         *
         * @return where the damaged file now lies.
         */
        @JvmStatic
        public fun continueDamaged(file: File): File =
            File(translated { continueDamagedLedger(file.path) })
    }
}
