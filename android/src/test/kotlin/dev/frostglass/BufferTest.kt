package dev.frostglass

import android.graphics.Rect
import java.io.File
import java.nio.ByteBuffer
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** Pixels in direct buffers, bad ones above all. */
@RunWith(RobolectricTestRunner::class)
class BufferTest {
    private val pixels = direct(colours())

    @Test
    fun `a release is what the network makes of the picture`() = runBlocking {
        open(PLAIN).use { glass ->
            val release = glass.sanitize(pixels, 8, 8)
            assertEquals(listOf(2, 4, 4), glass.releaseShape)
            assertEquals(glass.releaseLength, release.bytes.remaining())
            val description = release.describe()
            assertEquals(glass.front.model, description.model)
            assertEquals(listOf(2u, 4u, 4u), description.shape)
            assertEquals(PLAIN, description.policy)
            assertFalse(release.isResent)
            assertContentEquals(release.toByteArray(), glass.sanitize(pixels, 8, 8).toByteArray())
        }
    }

    @Test
    fun `a buffer counts from its position to its limit, and keeps them`() = runBlocking {
        open(PLAIN).use { glass ->
            val wanted = glass.sanitize(pixels, 8, 8).toByteArray()
            val within = ByteBuffer.allocateDirect(1000)
            within.position(100)
            within.put(colours()).flip().position(100)
            assertContentEquals(wanted, glass.sanitize(within, 8, 8).toByteArray())
            assertEquals(100 to 356, within.position() to within.limit())
            val out = ByteBuffer.allocateDirect(glass.releaseLength + 10)
            out.position(10)
            assertFalse(glass.sanitizeInto(out, within.asReadOnlyBuffer(), 8, 8))
            assertContentEquals(wanted, ByteArray(wanted.size).also { out.get(it) })
        }
    }

    @Test
    fun `a crop of a turned picture is the picture`() = runBlocking {
        open(PLAIN).use { glass ->
            val upright = colours()
            // Stored (row, column) comes to (column, 7 - row) when turned clockwise.
            val stored = ByteArray(10 * 8 * 4) { 9 }
            for (y in 0..7) for (x in 0..7) {
                upright.copyInto(stored, ((7 - x) * 10 + y + 1) * 4, (y * 8 + x) * 4, (y * 8 + x) * 4 + 4)
            }
            val turned = glass.sanitize(
                direct(stored), 10, 8, crop = Rect(1, 0, 9, 8), rotationDegrees = 90,
            )
            assertContentEquals(glass.sanitize(pixels, 8, 8).toByteArray(), turned.toByteArray())
        }
    }

    @Test
    fun `what cannot be so is refused, and the session goes on`() = runBlocking {
        open(PLAIN).use { glass ->
            val release = glass.newRelease()
            val before = release.toByteArray()
            suspend fun make(
                pixels: ByteBuffer = this@BufferTest.pixels,
                width: Int = 8,
                height: Int = 8,
                crop: Rect? = null,
                rotation: Int = 0,
                stride: Int = 0,
                token: String? = null,
            ) = glass.sanitize(
                pixels, width, height, crop, rotation, rowStride = stride, token = token, into = release,
            )
            refused(ErrorKind.BUFFER) { make(ByteBuffer.wrap(colours())) }.let { assertTrue("heap" in it) }
            refused(ErrorKind.FRAME) { make(direct(ByteArray(255))) }
            refused(ErrorKind.FRAME) { make(direct(ByteArray(0))) }
            refused(ErrorKind.FRAME) { make(height = 9) }
            refused(ErrorKind.FRAME) { make(width = 0) }
            refused(ErrorKind.FRAME) { make(width = -8) }
            refused(ErrorKind.FRAME) { make(width = Int.MAX_VALUE, height = Int.MAX_VALUE) }
            refused(ErrorKind.FRAME) { make(stride = 31) }
            refused(ErrorKind.FRAME) { make(stride = -1) }
            refused(ErrorKind.FRAME) { make(crop = Rect(1, 0, 9, 8)) }
            refused(ErrorKind.FRAME) { make(crop = Rect(-1, 0, 7, 8)) }
            refused(ErrorKind.FRAME) { make(crop = Rect(4, 4, 4, 4)) }
            refused(ErrorKind.FRAME) { make(crop = Rect(6, 6, 2, 2)) }
            refused(ErrorKind.FRAME) { make(rotation = 45) }
            refused(ErrorKind.TOKEN) { make(token = "without a ledger") }
            fun into(out: ByteBuffer) = refused(ErrorKind.BUFFER) { glass.sanitizeInto(out, pixels, 8, 8) }
            into(ByteBuffer.allocate(glass.releaseLength))
            into(ByteBuffer.allocateDirect(glass.releaseLength - 1))
            into(ByteBuffer.allocateDirect(glass.releaseLength + 1))
            into(ByteBuffer.allocateDirect(glass.releaseLength).asReadOnlyBuffer())
            val both = ByteBuffer.allocateDirect(maxOf(glass.releaseLength, 256))
            refused(ErrorKind.BUFFER) {
                glass.sanitizeInto(both.duplicate().apply { limit(glass.releaseLength) }, both, 8, 8)
            }
            open("grid(i8)").use { other ->
                refused(ErrorKind.BUFFER) { other.sanitize(pixels, 8, 8, into = release) }
            }
            assertContentEquals(before, release.toByteArray(), "nothing was written")
            make()
            assertFalse(before.contentEquals(release.toByteArray()))
        }
    }

    @Test
    fun `a closed session says so`() = runBlocking {
        val glass = open(PLAIN)
        glass.close()
        glass.close()
        refused(ErrorKind.CLOSED) { glass.sanitize(pixels, 8, 8) }
        refused(ErrorKind.CLOSED) { glass.sanitizeInto(glass.newRelease().buffer, pixels, 8, 8) }
        assertTrue(glass.receipt().promises.isNotEmpty(), "what was promised can still be read")
    }

    @Test
    fun `a cancelled coroutine gets its cancellation and leaves the session free`() = runBlocking {
        open(PLAIN).use { glass ->
            assertFailsWith<CancellationException> {
                withContext(Job()) {
                    coroutineContext.cancel()
                    glass.sanitize(pixels, 8, 8)
                }
            }
            val waiting = async(Dispatchers.Default) { repeat(1_000_000) { glass.sanitize(pixels, 8, 8) } }
            glass.sanitize(pixels, 8, 8)
            waiting.cancel()
            assertFailsWith<CancellationException> { waiting.await() }
            glass.sanitize(pixels, 8, 8)
            Unit
        }
    }

    @Test
    fun `a model that cannot be used is refused`() {
        fun opening(model: Model) = { Frostglass.open(model, Policy.parse(PLAIN)).close() }
        refused(ErrorKind.MODEL, opening(Model.packed(ByteArray(0))))
        refused(ErrorKind.MODEL, opening(Model.onnx(ByteArray(0), "", "p")))
        refused(ErrorKind.SYSTEM, opening(Model.packed(File(""))))
        refused(ErrorKind.SYSTEM, opening(Model.packed(File("/no/such/file"))))
        refused(ErrorKind.MODEL, opening(Model.packed(File(root, "README.md"))))
        refused(ErrorKind.MODEL, opening(Model.packed(ByteArray(9), digest = "abc")))
        val bytes = File(root, "core/tests/packed/little.front").readBytes()
        refused(ErrorKind.MODEL, opening(Model.packed(bytes, digest = "0".repeat(64))))
        refused(ErrorKind.THREADS) { open(PLAIN) { threads = 5 } }
        refused(ErrorKind.THREADS) { open(PLAIN) { threads = -1 } }
        // Java may hand over what Kotlin cannot: Kotlin refuses it before anything is called.
        assertFailsWith<NullPointerException> { FromJava.openNullPath() }
    }

    @Test
    fun `many coroutines share a session`() = runBlocking {
        open(PLAIN).use { glass ->
            val wanted = glass.sanitize(pixels, 8, 8).toByteArray()
            coroutineScope {
                List(8) {
                    async(Dispatchers.IO) {
                        repeat(50) { assertContentEquals(wanted, glass.sanitize(pixels, 8, 8).toByteArray()) }
                    }
                }.awaitAll()
            }
            Unit
        }
    }
}
