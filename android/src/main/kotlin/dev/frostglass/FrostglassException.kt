package dev.frostglass

import dev.frostglass.ffi.Failure
import dev.frostglass.ffi.InternalException

/** What went wrong, coarsely. The list may grow; a kind's meaning does not change. */
public typealias ErrorKind = dev.frostglass.ffi.ErrorKind

/**
 * Why a call was refused. Decide on [kind]; [message] is one line for a person that says what was
 * wrong and what would be right. It holds no pixel, no path and no secret, so that it may be logged.
 */
public class FrostglassException(public val kind: ErrorKind, message: String) : Exception(message) {
    /** How native code makes one: by the kind's number. */
    @Suppress("unused")
    internal constructor(number: Int, reason: String) : this(
        ErrorKind.entries.firstOrNull { it.value == number } ?: ErrorKind.INTERNAL,
        reason,
    )
}

/** Calls through UniFFI, whose exceptions become ours. */
internal inline fun <T> translated(call: () -> T): T =
    try {
        call()
    } catch (failure: Failure.Refused) {
        throw FrostglassException(failure.kind, failure.reason)
    } catch (defect: InternalException) {
        throw FrostglassException(ErrorKind.INTERNAL, "a defect in the library").apply { initCause(defect) }
    }

internal fun refuse(kind: ErrorKind, reason: String): Nothing = throw FrostglassException(kind, reason)
