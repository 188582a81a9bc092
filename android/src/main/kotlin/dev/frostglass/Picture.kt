package dev.frostglass

import android.graphics.Bitmap
import android.graphics.ColorSpace
import android.graphics.ImageFormat
import android.graphics.Rect
import android.media.Image
import android.os.Build
import java.nio.ByteBuffer

/** Makes one release of something with pixels; the crop and the turn are given by the session. */
internal object Picture {
    /** Four bytes a pixel: red, green, blue, alpha. */
    fun sanitize(
        session: Long,
        pixels: ByteBuffer,
        format: Int,
        alpha: Int,
        width: Int,
        height: Int,
        rowStride: Int,
        crop: Rect?,
        rotationDegrees: Int,
        mirror: Boolean,
        token: String?,
        release: ByteBuffer,
    ): Int {
        refuseReadOnly(release)
        return Native.sanitize(
            session, format, alpha, width, height,
            pixels, pixels.position(), pixels.remaining(), rowStride, 0,
            null, 0, 0, 0, 0,
            null, 0, 0, 0, 0,
            crop != null, crop?.left ?: 0, crop?.top ?: 0, crop?.width() ?: 0, crop?.height() ?: 0,
            rotationDegrees, mirror, token,
            release, release.position(), release.remaining(),
        )
    }

    /** A camera's picture in three planes, read where they lie. */
    fun sanitize(
        session: Long,
        image: Image,
        crop: Rect?,
        rotationDegrees: Int,
        mirror: Boolean,
        token: String?,
        release: ByteBuffer,
    ): Int {
        if (image.format != ImageFormat.YUV_420_888) {
            refuse(ErrorKind.FRAME, "the image has format ${image.format}; YUV_420_888 is taken")
        }
        refuseReadOnly(release)
        val (y, u, v) = image.planes
        return Native.sanitize(
            session, Native.YUV420, Native.BT601_FULL, image.width, image.height,
            y.buffer, y.buffer.position(), y.buffer.remaining(), y.rowStride, y.pixelStride,
            u.buffer, u.buffer.position(), u.buffer.remaining(), u.rowStride, u.pixelStride,
            v.buffer, v.buffer.position(), v.buffer.remaining(), v.rowStride, v.pixelStride,
            crop != null, crop?.left ?: 0, crop?.top ?: 0, crop?.width() ?: 0, crop?.height() ?: 0,
            rotationDegrees, mirror, token,
            release, release.position(), release.remaining(),
        )
    }

    /** Native code cannot see that a buffer is not to be written. */
    private fun refuseReadOnly(release: ByteBuffer) {
        if (release.isReadOnly) {
            refuse(ErrorKind.BUFFER, "the release buffer is read-only; give one that can be written")
        }
    }

    /** What a bitmap's fourth byte means. */
    fun alphaOf(bitmap: Bitmap): Int = when {
        !bitmap.hasAlpha() -> Native.OPAQUE
        bitmap.isPremultiplied -> Native.PREMULTIPLIED
        else -> Native.STRAIGHT
    }

    /** Refuses bitmaps whose bytes cannot be read, or do not mean what a network was trained on. */
    fun check(bitmap: Bitmap) {
        if (bitmap.isRecycled) refuse(ErrorKind.FRAME, "the bitmap has been recycled")
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O && bitmap.config == Bitmap.Config.HARDWARE) {
            refuse(
                ErrorKind.FRAME,
                "a hardware bitmap's pixels cannot be read; give bitmap.copy(Bitmap.Config.ARGB_8888, false)",
            )
        }
        if (bitmap.config != Bitmap.Config.ARGB_8888) {
            refuse(
                ErrorKind.FRAME,
                "the bitmap's config is ${bitmap.config}; give bitmap.copy(Bitmap.Config.ARGB_8888, false)",
            )
        }
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            val space = bitmap.colorSpace
            if (space != null && space != ColorSpace.get(ColorSpace.Named.SRGB)) {
                refuse(
                    ErrorKind.FRAME,
                    "the bitmap's colour space is ${space.name}; decode it with " +
                        "inPreferredColorSpace = ColorSpace.get(ColorSpace.Named.SRGB)",
                )
            }
        }
    }

    /**
     * The order in which `copyPixelsToBuffer` writes an ARGB_8888 bitmap. Devices write red first; a
     * desktop's Skia does not. One pixel tells.
     */
    val bitmapFormat: Int by lazy {
        val pixel = Bitmap.createBitmap(1, 1, Bitmap.Config.ARGB_8888)
        pixel.setPixel(0, 0, 0xFF010203.toInt())
        val bytes = ByteBuffer.allocate(4)
        pixel.copyPixelsToBuffer(bytes)
        pixel.recycle()
        when (bytes.array().toList()) {
            listOf<Byte>(1, 2, 3, -1) -> Native.RGBA8
            listOf<Byte>(3, 2, 1, -1) -> Native.BGRA8
            else -> refuse(ErrorKind.INTERNAL, "this system's bitmaps have an order of bytes that is not known")
        }
    }
}
