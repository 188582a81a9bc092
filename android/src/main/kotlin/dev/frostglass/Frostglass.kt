package dev.frostglass

import android.content.Context
import android.graphics.Bitmap
import android.graphics.Rect
import android.media.Image
import dev.frostglass.ffi.Front
import dev.frostglass.ffi.Meters
import dev.frostglass.ffi.Session
import dev.frostglass.ffi.SessionOptions
import java.nio.ByteBuffer
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/** What every release of a session promises, and which kind of promise each is. */
public typealias Receipt = dev.frostglass.ffi.Receipt

/** What a front is: its model, cut and memory. */
public typealias FrontDescription = dev.frostglass.ffi.FrontDescription

/** What a run took: time, memory, energy and heat, each with its source. */
public typealias Profile = dev.frostglass.ffi.Profile

/**
 * The front of a network under a policy: pictures in, releases out, and nothing else.
 *
 * ```
 * Frostglass.open(Model.asset(context, "face.front"), Policy { dp(epsilon = 5.0) }).use { glass ->
 *     val release = glass.sanitize(bitmap)
 *     upload(release.bytes)
 * }
 * ```
 *
 * It may be shared between threads and coroutines; it serves one caller at a time, and the others
 * wait without holding a thread. A call that fails leaves the release as it was.
 */
public class Frostglass private constructor(
    private val session: Session,
    private val dispatcher: CoroutineDispatcher,
    /** What the front is. */
    public val front: FrontDescription,
) : AutoCloseable {
    private val number = session.number().toLong()
    private val turn = Mutex()
    private var copy = EMPTY

    /** Bytes of one release. */
    public val releaseLength: Int = Math.toIntExact(session.releaseLength().toLong())

    /** Channels, rows and columns of a release. */
    public val releaseShape: List<Int> = session.releaseShape().map { it.toInt() }

    /**
     * What every release of this session promises, with the ledger's total where it charges to one.
     * It stays on the device.
     *
     * @throws FrostglassException [ErrorKind.LEDGER] where the ledger cannot be read.
     */
    public fun receipt(): Receipt = translated { session.receipt() }

    /** Room for a release of this session. */
    public fun newRelease(): Release = Release(releaseLength)

    /**
     * Makes a release of pixels that lie in a direct buffer, from its position to its limit: red,
     * green, blue, alpha, colours already multiplied by alpha. They must stay as they are meanwhile.
     *
     * @param rowStride bytes from one row to the next; 0 where rows have no gaps.
     * @param crop the part that is wanted, in the picture as it is stored; all of it where null.
     * @param rotationDegrees the clockwise turn that makes it upright: 0, 90, 180 or 270.
     * @param mirror whether left and right of the upright picture are exchanged.
     * @param token names the release before its content is seen, so that the same call gives the same
     *   bytes again; needs a ledger.
     * @param into filled with the release; give the same one again to take no new memory.
     * @throws FrostglassException [ErrorKind.FRAME] for a picture that cannot be read,
     *   [ErrorKind.BUFFER] for a buffer on the heap or a release of another session,
     *   [ErrorKind.CLOSED] after [close]; with a ledger also [ErrorKind.BUDGET], [ErrorKind.LEDGER],
     *   [ErrorKind.BUSY] and [ErrorKind.TOKEN]. The charge comes first: what fails after it has cost,
     *   and so has a release that was made for a coroutine which was cancelled meanwhile.
     */
    @Suppress("LongParameterList")
    public suspend fun sanitize(
        pixels: ByteBuffer,
        width: Int,
        height: Int,
        crop: Rect? = null,
        rotationDegrees: Int = 0,
        mirror: Boolean = false,
        rowStride: Int = 0,
        token: String? = null,
        into: Release = newRelease(),
    ): Release = inTurn(into) { release ->
        Picture.sanitize(
            number, pixels, Native.RGBA8, Native.PREMULTIPLIED, width, height, rowStride,
            crop, rotationDegrees, mirror, token, release,
        )
    }

    /**
     * Makes a release of a bitmap of config ARGB_8888 in sRGB. Its pixels are copied once.
     *
     * @throws FrostglassException as for pixels; [ErrorKind.FRAME] also for a hardware bitmap, another
     *   config and a wide colour space, with what to do.
     */
    public suspend fun sanitize(
        bitmap: Bitmap,
        crop: Rect? = null,
        rotationDegrees: Int = 0,
        mirror: Boolean = false,
        token: String? = null,
        into: Release = newRelease(),
    ): Release = inTurn(into) { release ->
        Picture.check(bitmap)
        val pixels = roomFor(bitmap.rowBytes * bitmap.height)
        bitmap.copyPixelsToBuffer(pixels)
        pixels.flip()
        try {
            Picture.sanitize(
                number, pixels, Picture.bitmapFormat, Picture.alphaOf(bitmap), bitmap.width,
                bitmap.height, bitmap.rowBytes, crop, rotationDegrees, mirror, token, release,
            )
        } finally {
            wipe(pixels)
        }
    }

    /**
     * Makes a release of a camera's picture in YUV_420_888 (BT.601, full range), read where it lies.
     * Close the image afterwards, not before.
     *
     * @param crop as for pixels; the image's own `cropRect` unless said otherwise.
     * @param rotationDegrees as CameraX's `imageInfo.rotationDegrees`.
     * @throws FrostglassException as for pixels; [ErrorKind.FRAME] also for another format.
     */
    public suspend fun sanitize(
        image: Image,
        crop: Rect? = image.cropRect,
        rotationDegrees: Int = 0,
        mirror: Boolean = false,
        token: String? = null,
        into: Release = newRelease(),
    ): Release = inTurn(into) { release ->
        Picture.sanitize(number, image, crop, rotationDegrees, mirror, token, release)
    }

    /**
     * [sanitize] on the calling thread, into a direct buffer of the app's, from its position to its
     * limit: for code without coroutines.
     *
     * @return whether these bytes were made by an earlier call under the same token.
     */
    @Suppress("LongParameterList")
    public fun sanitizeInto(
        release: ByteBuffer,
        pixels: ByteBuffer,
        width: Int,
        height: Int,
        crop: Rect? = null,
        rotationDegrees: Int = 0,
        mirror: Boolean = false,
        rowStride: Int = 0,
        token: String? = null,
    ): Boolean = Native.RESENT == Picture.sanitize(
        number, pixels, Native.RGBA8, Native.PREMULTIPLIED, width, height, rowStride,
        crop, rotationDegrees, mirror, token, release,
    )

    /**
     * Measures so many runs on a grey picture, with what Android's services tell of memory, energy and
     * heat. No release is made of them, so nothing is charged. Energy is the whole device's, and coarse:
     * let it run for seconds, off the charger.
     *
     * @throws FrostglassException [ErrorKind.CLOSED] after [close].
     */
    public suspend fun profile(context: Context, runs: Int = 100): Profile =
        measured(context, runs) { meters -> session.profile(runs.toUInt(), meters) }

    private suspend fun candidate(context: Context, runs: Int, psnr: Double?): Candidate =
        measured(context, runs) { meters -> session.candidate(runs.toUInt(), meters, psnr) }

    private suspend fun <T> measured(context: Context, runs: Int, measure: (Meters) -> T): T =
        withContext(dispatcher) {
            if (runs < 1) refuse(ErrorKind.FRAME, "a profile is over at least 1 run, not $runs")
            val meters = AndroidMeters(context)
            turn.withLock { translated { measure(meters) } }
        }

    /**
     * Ends the session: waits for the release in progress, wipes and frees what it held, and gives
     * unused charges back to the ledger. Later calls answer [ErrorKind.CLOSED]; closing again does
     * nothing.
     */
    override fun close() {
        session.end()
    }

    /** What lab builds plant seeds under. */
    internal val nativeNumber: Long get() = number

    private suspend fun inTurn(into: Release, make: (ByteBuffer) -> Int): Release =
        withContext(dispatcher) {
            turn.withLock { into.isResent = make(into.buffer) == Native.RESENT }
            into
        }

    private fun roomFor(bytes: Int): ByteBuffer {
        if (copy.capacity() < bytes) copy = ByteBuffer.allocateDirect(bytes)
        return copy.apply { clear().limit(bytes) }
    }

    /** Pixels are not left in memory that nobody sees. */
    private fun wipe(pixels: ByteBuffer) {
        pixels.clear()
        while (pixels.remaining() >= Long.SIZE_BYTES) pixels.putLong(0)
        while (pixels.hasRemaining()) pixels.put(0)
    }

    /** How a session runs and who pays; every part has a default. */
    public class Options internal constructor() {
        /** Threads that the front may run on, 1 to 4. Releases are the same. */
        public var threads: Int = 1

        /** Charged before every release; nothing is counted where there is none. */
        public var ledger: Ledger? = null

        /**
         * Releases that are charged at a time. More than 1 waits for the disk less often; a crash
         * forfeits what was not used.
         */
        public var block: Int = 1

        /**
         * The size of every frame's crop, turned upright, where it is always the same. The receipt then
         * says, too, what one pixel and one patch of the photograph cost: more than at the network's
         * input where the crop is enlarged. A frame of another size is refused ([ErrorKind.FRAME]).
         */
        public var pictures: PictureSize? = null

        /** Where releases are made. */
        public var dispatcher: CoroutineDispatcher = Dispatchers.Default
    }

    public companion object {
        private val EMPTY = ByteBuffer.allocateDirect(0)

        /**
         * Opens a model and a session on it. It reads files: call it off the main thread.
         *
         * ```
         * val glass = Frostglass.open(model, policy) {
         *     threads = 2
         *     ledger = Ledger.open(file, Budget(8.0, 1e-5, Adjacency.Image))
         * }
         * ```
         *
         * @throws FrostglassException [ErrorKind.MODEL] for a file that cannot be used,
         *   [ErrorKind.SYSTEM] for one that cannot be read, [ErrorKind.CUT] for a cut that is not
         *   there, [ErrorKind.POLICY] where the policy does not fit the cut, [ErrorKind.BUDGET] where a
         *   ledger's budget cannot hold such releases.
         */
        @JvmStatic
        public fun open(model: Model, policy: Policy, options: Options.() -> Unit = {}): Frostglass {
            val chosen = Options().apply(options)
            if (chosen.threads < 0) refuse(ErrorKind.THREADS, "there are ${chosen.threads} threads, below 0")
            if (chosen.block < 0) refuse(ErrorKind.LEDGER, "a block has ${chosen.block} releases, below 0")
            val settings = SessionOptions(
                chosen.threads.toUInt(), chosen.ledger?.native, chosen.block.toUInt(),
                chosen.pictures?.native(),
            )
            return translated {
                Front.open(model.source(), policy.native).use { front ->
                    val session = Session.open(front, policy.native, settings)
                    Frostglass(session, chosen.dispatcher, front.describe())
                }
            }
        }

        /**
         * Chooses the plan for this device: opens one after the other, measures so many runs of each as
         * [profile] does, and takes of those within the limits the deepest front where the demand on
         * privacy is high, the shallowest where it is low; then the one with the most channels. A figure
         * that nobody knows counts as beyond its limit.
         *
         * ```
         * val policy = Policy { hold(window = 4) }
         * val plans = listOf("shallow.front", "deep.front").map { Plan(Model.asset(context, it), policy) }
         * val limits = Figures(latencyMicroseconds = 20_000.0, psnr = 17.0)
         * val glass = Frostglass.plan(context, plans, limits, PrivacyDemand.HIGH).plan
         *     .let { Frostglass.open(it.model, it.policy) }
         * ```
         *
         * @throws NoPlanFitsException where none is within the limits; it says which comes closest, and
         *   what is in the way of each.
         * @throws FrostglassException where a plan cannot be opened, as [open] says.
         */
        public suspend fun plan(
            context: Context,
            plans: List<Plan>,
            limits: Figures,
            demand: PrivacyDemand,
            runs: Int = 50,
        ): PlanSelection = withContext(Dispatchers.Default) {
            val candidates = plans.map { plan ->
                open(plan.model, plan.policy).use { it.candidate(context, runs, plan.psnr) }
            }
            selected(plans, candidates, limits, demand)
        }
    }
}
