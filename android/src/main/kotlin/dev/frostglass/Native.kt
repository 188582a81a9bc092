package dev.frostglass

import java.nio.ByteBuffer

/** The functions for pixels and releases. Numbers instead of objects, so that a frame makes none. */
internal object Native {
    const val RGBA8 = 0
    const val BGRA8 = 1
    const val YUV420 = 4

    const val PREMULTIPLIED = 0
    const val STRAIGHT = 1
    const val OPAQUE = 2

    const val BT601_FULL = 0

    const val RESENT = 1

    init {
        System.loadLibrary("frostglass")
    }

    /** Gives 0, or [RESENT]; throws [FrostglassException]. The buffers are direct ones. */
    @JvmStatic
    @Suppress("LongParameterList")
    external fun sanitize(
        session: Long,
        format: Int,
        meaning: Int,
        width: Int,
        height: Int,
        first: ByteBuffer,
        firstStart: Int,
        firstLength: Int,
        firstRowStride: Int,
        firstPixelStride: Int,
        second: ByteBuffer?,
        secondStart: Int,
        secondLength: Int,
        secondRowStride: Int,
        secondPixelStride: Int,
        third: ByteBuffer?,
        thirdStart: Int,
        thirdLength: Int,
        thirdRowStride: Int,
        thirdPixelStride: Int,
        cropped: Boolean,
        cropX: Int,
        cropY: Int,
        cropWidth: Int,
        cropHeight: Int,
        rotationDegrees: Int,
        mirror: Boolean,
        token: String?,
        release: ByteBuffer,
        releaseStart: Int,
        releaseLength: Int,
    ): Int
}
