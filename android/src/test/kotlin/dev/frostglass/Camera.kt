package dev.frostglass

import android.graphics.ImageFormat
import android.graphics.Rect
import android.media.Image
import java.nio.ByteBuffer

/** A plane of a [Camera]. */
class Plane(
    private val bytes: ByteBuffer,
    private val row: Int,
    private val pixel: Int,
) : Image.Plane() {
    override fun getRowStride() = row
    override fun getPixelStride() = pixel
    override fun getBuffer() = bytes
}

/** A camera's image, as far as a subclass of Android's own can be one. */
class Camera(
    private val width: Int,
    private val height: Int,
    private vararg val planes: Plane,
) : Image() {
    /** What it says that it is. */
    var claim = ImageFormat.YUV_420_888

    override fun getFormat() = claim
    override fun getWidth() = width
    override fun getHeight() = height
    override fun getTimestamp() = 0L
    override fun getTransform() = 0
    override fun getScalingMode() = 0
    override fun getPlanes(): Array<Image.Plane> = Array(planes.size) { planes[it] }
    override fun getCropRect() = Rect(0, 0, width, height)
    override fun close() = Unit
}
