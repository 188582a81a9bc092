package dev.frostglass

import java.io.File
import java.nio.ByteBuffer
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith

/** The repository. */
val root = File(System.getProperty("frostglass.root", ".."))

/** A network of one convolution and a pool: 3 x 8 x 8 in, 2 x 4 x 4 out (core/tests/packed.rs). */
val little: Model = Model.packed(File(root, "core/tests/packed/little.front"))

const val PLAIN = "grid(i16, step=2^-4)"

fun open(policy: String, options: Frostglass.Options.() -> Unit = {}): Frostglass =
    Frostglass.open(little, Policy.parse(policy), options)

/** An 8 x 8 picture of four-byte pixels, opaque. */
fun colours(): ByteArray =
    ByteArray(8 * 8 * 4) { if (it % 4 == 3) -1 else (it * 29 % 251).toByte() }

fun direct(bytes: ByteArray): ByteBuffer =
    ByteBuffer.allocateDirect(bytes.size).also { it.put(bytes).flip() }

inline fun refused(kind: ErrorKind, call: () -> Unit): String {
    val refusal = assertFailsWith<FrostglassException> { call() }
    assertEquals(kind, refusal.kind, refusal.message)
    return refusal.message!!
}

/** `LabNative` of a lab build. */
internal object LabNative {
    /** Whether this library is one. */
    val isThere: Boolean by lazy {
        Native.hashCode()
        try {
            seed(0, 0)
            true
        } catch (_: UnsatisfiedLinkError) {
            false
        }
    }

    /** The noise of the session's next release comes from this seed. */
    @JvmStatic
    external fun seed(session: Long, seed: Long): Int

    /** Nanoseconds that the same call takes when native code makes it: the median of so many. */
    @JvmStatic
    external fun median(
        session: Long,
        pixels: ByteBuffer,
        width: Int,
        height: Int,
        release: ByteBuffer,
        releaseLength: Int,
        count: Int,
    ): Long
}
