package dev.frostglass

import android.graphics.Bitmap
import android.graphics.Color
import android.graphics.ColorSpace
import android.graphics.ImageFormat
import android.graphics.Rect
import java.nio.ByteBuffer
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** Bitmaps and camera images: the same picture makes the same release, whatever holds it. */
@RunWith(RobolectricTestRunner::class)
class PictureTest {
    private val glass = open(PLAIN)

    private fun bitmap(colours: ByteArray, width: Int, height: Int): Bitmap {
        val bitmap = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
        for (i in 0 until width * height) {
            val (r, g, b, a) = List(4) { colours[4 * i + it].toInt() and 255 }
            bitmap.setPixel(i % width, i / width, Color.argb(a, r, g, b))
        }
        return bitmap
    }

    @Test
    fun `a bitmap is its pixels`() = runBlocking {
        val wanted = glass.sanitize(direct(colours()), 8, 8).toByteArray()
        val bitmap = bitmap(colours(), 8, 8)
        assertContentEquals(wanted, glass.sanitize(bitmap).toByteArray())
        bitmap.setHasAlpha(false)
        assertContentEquals(wanted, glass.sanitize(bitmap).toByteArray())
        val wide = bitmap(ByteArray(12 * 8 * 4) { 50 }, 12, 8)
        for (y in 0..7) for (x in 0..7) wide.setPixel(x + 3, y, bitmap.getPixel(x, y))
        assertContentEquals(wanted, glass.sanitize(wide, Rect(3, 0, 11, 8)).toByteArray())
    }

    @Test
    fun `a bitmap with alpha is composed on black`() = runBlocking {
        val clear = ByteArray(8 * 8 * 4) { if (it % 4 == 3) 0 else 77 }
        val black = ByteArray(8 * 8 * 4) { if (it % 4 == 3) -1 else 0 }
        val wanted = glass.sanitize(direct(black), 8, 8).toByteArray()
        assertContentEquals(wanted, glass.sanitize(bitmap(clear, 8, 8)).toByteArray())
        val straight = bitmap(black, 8, 8)
        straight.isPremultiplied = false
        assertContentEquals(wanted, glass.sanitize(straight).toByteArray())
    }

    @Test
    fun `a bitmap that would be misread is refused with what to do`() = runBlocking {
        for (config in listOf(Bitmap.Config.RGB_565, Bitmap.Config.ALPHA_8, Bitmap.Config.RGBA_F16)) {
            val other = Bitmap.createBitmap(8, 8, config)
            assertTrue("ARGB_8888" in refused(ErrorKind.FRAME) { glass.sanitize(other) })
        }
        val wide = Bitmap.createBitmap(
            8, 8, Bitmap.Config.ARGB_8888, true, ColorSpace.get(ColorSpace.Named.DISPLAY_P3),
        )
        assertTrue("SRGB" in refused(ErrorKind.FRAME) { glass.sanitize(wide) })
        val gone = Bitmap.createBitmap(8, 8, Bitmap.Config.ARGB_8888).apply { recycle() }
        assertTrue("recycled" in refused(ErrorKind.FRAME) { glass.sanitize(gone) })
    }

    @Test
    fun `an image is the colours that its planes stand for`() = runBlocking {
        val gray = ByteArray(8 * 8 * 4) { if (it % 4 == 3) -1 else (it / 4 * 3 + 20).toByte() }
        val wanted = glass.sanitize(direct(gray), 8, 8).toByteArray()
        // Luma with gaps; chroma as NV21 has it: V and U take turns, and 128 is no colour.
        val luma = ByteArray(8 * 11) { if (it % 11 < 8) gray[(it / 11 * 8 + it % 11) * 4] else 0 }
        val chroma = direct(ByteArray(32) { -128 })
        val u = chroma.duplicate().apply { position(1) }.slice()
        val v = chroma.duplicate().apply { limit(31) }.slice()
        val image = Camera(8, 8, Plane(direct(luma), 11, 1), Plane(u, 8, 2), Plane(v, 8, 2))
        assertContentEquals(wanted, glass.sanitize(image).toByteArray())

        // Pure blue in JFIF: Y 29, Cb 255, Cr 107, which comes back as 0, 0, 254.
        fun flat(value: Int, size: Int) = direct(ByteArray(size) { value.toByte() })
        val blue = Camera(
            8, 8, Plane(flat(29, 64), 8, 1), Plane(flat(255, 16), 4, 1), Plane(flat(107, 16), 4, 1),
        )
        val colour = ByteArray(8 * 8 * 4) { byteArrayOf(0, 0, -2, -1)[it % 4] }
        assertContentEquals(
            glass.sanitize(direct(colour), 8, 8).toByteArray(),
            glass.sanitize(blue).toByteArray(),
        )
    }

    @Test
    fun `an image of another format or with short planes is refused`() = runBlocking {
        fun plane(size: Int) = Plane(direct(ByteArray(size)), 4, 1)
        val jpeg = Camera(8, 8, plane(16), plane(16), plane(16)).apply { claim = ImageFormat.JPEG }
        refused(ErrorKind.FRAME) { glass.sanitize(jpeg) }
        val short = Camera(8, 8, Plane(direct(ByteArray(64)), 8, 1), plane(15), plane(16))
        assertTrue("U plane" in refused(ErrorKind.FRAME) { glass.sanitize(short) })
        val heap = Camera(8, 8, Plane(ByteBuffer.allocate(64), 8, 1), plane(16), plane(16))
        refused(ErrorKind.BUFFER) { glass.sanitize(heap) }
        Unit
    }
}
