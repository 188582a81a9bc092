package dev.frostglass

import dev.frostglass.ffi.describeRelease
import java.nio.ByteBuffer

/** What stands in a release's header; all of it is public. */
public typealias ReleaseDescription = dev.frostglass.ffi.ReleaseDescription

/**
 * The bytes that may leave the device: a safetensors file with one tensor of whole numbers.
 *
 * A release is room that a session fills ([Frostglass.newRelease]); it may be filled again, so that a
 * stream of frames takes no new memory. Whoever fills it while another thread reads it gets a mixture.
 */
public class Release internal constructor(length: Int) {
    internal val buffer: ByteBuffer = ByteBuffer.allocateDirect(length)
    private val view: ByteBuffer = buffer.asReadOnlyBuffer()

    /** The whole file, to be read from its first byte; the same object each time. */
    public val bytes: ByteBuffer get() = view.apply { clear() }

    /** Whether these bytes were made by an earlier call, under the same token, at no cost now. */
    public var isResent: Boolean = false
        internal set

    /** A copy of the bytes. */
    public fun toByteArray(): ByteArray = ByteArray(buffer.capacity()).also { bytes.get(it) }

    /** What the header says. */
    public fun describe(): ReleaseDescription = translated { describeRelease(toByteArray()) }
}
