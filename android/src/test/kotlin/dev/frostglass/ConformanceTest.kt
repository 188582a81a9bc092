package dev.frostglass

import android.graphics.Rect
import android.media.Image
import java.io.File
import java.nio.ByteBuffer
import java.security.MessageDigest
import kotlin.concurrent.thread
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject
import org.junit.Rule
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** The behaviours that every language shares (tests/conformance/README.md), from Kotlin. */
@RunWith(RobolectricTestRunner::class)
class ConformanceTest {
    @get:Rule
    val folders = TemporaryFolder()

    private class Answer(val bytes: ByteArray?, val resent: Boolean, val error: String?)

    @Test
    fun `every behaviour is as the list says`() {
        val file = File(root, "tests/conformance/behaviours.json")
        val behaviours = JSONObject(file.readText()).getJSONArray("behaviours").objects()
        assertTrue(behaviours.size > 30)
        var run = 0
        for (behaviour in behaviours) {
            if (behaviour.has("seed") && !LabNative.isThere) continue
            judge(behaviour.getString("name"), behaviour.getJSONObject("expect"), answers(behaviour))
            run++
        }
        println("$run of ${behaviours.size} behaviours")
        assertTrue(run > 30)
    }

    @Test
    fun `every selection is as the list says`() {
        val list = JSONObject(File(root, "tests/conformance/selections.json").readText())
        val selections = list.getJSONArray("selections").objects()
        assertTrue(selections.size > 12)
        for (selection in selections) {
            val name = selection.getString("name")
            val among = list.getJSONObject("candidates").getJSONArray(selection.getString("among"))
            val candidates = among.objects().map {
                Candidate(it.getInt("depth").toUInt(), it.getInt("channels").toUInt(), figures(it))
            }
            val demand = PrivacyDemand.valueOf(selection.getString("demand").uppercase())
            val limits = figures(selection.getJSONObject("limits"))
            val plans = candidates.map { Plan(little, Policy.parse(PLAIN)) }
            val expected = selection.getJSONObject("expect")
            val measured = try {
                val found = selected(plans, candidates, limits, demand)
                assertEquals(expected.optInt("chosen", -1), plans.indexOf(found.plan), name)
                found.measured
            } catch (none: NoPlanFitsException) {
                assertFalse(expected.has("chosen"), name)
                assertEquals(expected.optInt("closest", -1), none.measured.indexOf(none.closest), name)
                none.measured
            }
            assertEquals(candidates, measured.map { it.candidate }, name)
            val beyond = expected.optJSONArray("beyond") ?: continue
            val found = measured.map { plan -> JSONArray(plan.beyond.map { it.name.lowercase() }) }
            assertEquals(beyond.toString(), JSONArray(found).toString(), name)
        }
    }

    private fun figures(of: JSONObject): Figures {
        fun number(key: String) = if (of.has(key)) of.getDouble(key) else null
        return Figures(
            number("latency_microseconds"),
            number("memory_bytes")?.toLong()?.toULong(),
            number("energy_joules"),
            number("psnr"),
        )
    }

    private fun judge(name: String, expected: JSONObject, answers: List<Answer>) {
        val made = answers.filter { it.error == null }
        when {
            expected.has("sha256") -> answers.forEach {
                assertEquals(null, it.error, name)
                assertEquals(expected.getString("sha256"), digest(it.bytes!!), name)
                assertEquals(false, it.resent, name)
            }
            expected.has("error") -> {
                assertEquals(expected.getString("error"), answers.last().error, name)
                assertEquals(answers.size - 1, made.size, name)
            }
            expected.has("resent") -> {
                assertTrue(answers.last().resent && !answers.first().resent, name)
                assertEquals(digest(made.first().bytes!!), digest(made.last().bytes!!), name)
            }
            else -> {
                assertTrue(expected.getBoolean("differ"), name)
                assertEquals(answers.size, made.map { digest(it.bytes!!) }.toSet().size, name)
            }
        }
    }

    private fun digest(bytes: ByteArray) =
        MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }

    private fun answers(behaviour: JSONObject): List<Answer> {
        val glass = try {
            opened(behaviour)
        } catch (refusal: FrostglassException) {
            return listOf(Answer(null, false, refusal.kind.name.lowercase()))
        }
        if (behaviour.optBoolean("closed")) glass.close()
        if (behaviour.has("seed")) {
            val seed = behaviour.getLong("seed")
            assertEquals(0, LabNative.seed(glass.nativeNumber, seed))
        }
        val answers = mutableListOf<Answer>()
        val calls = {
            repeat(behaviour.optInt("calls", 1)) {
                val answer = call(glass, behaviour)
                synchronized(answers) { answers += answer }
            }
        }
        List(behaviour.optInt("threads", 1)) { thread { calls() } }.forEach { it.join() }
        glass.close()
        return answers
    }

    private fun opened(behaviour: JSONObject): Frostglass {
        val folder = folders.newFolder()
        val policy = Policy.parse(behaviour.getString("policy"))
        val bytes = File(root, "core/tests/packed/little.front").readBytes()
        val digest = if (behaviour.has("digest")) behaviour.getString("digest") else null
        val model = when (behaviour.optString("model")) {
            "" -> Model.packed(bytes, digest)
            "empty" -> Model.packed(ByteArray(0))
            "cut short" -> Model.packed(bytes.copyOf(bytes.size - 1))
            else -> Model.packed(File(folder, "none"))
        }
        val budget = behaviour.optJSONObject("ledger")
        return Frostglass.open(model, policy) {
            threads = behaviour.optInt("front_threads", 1)
            ledger = budget?.let {
                val unit = if (it.getString("unit") == "image") Adjacency.Image else Adjacency.Activation
                val fixed = Budget(it.getDouble("epsilon"), it.getDouble("delta"), unit)
                Ledger.open(File(folder, "ledger"), fixed)
            }
        }
    }

    /** Buffers of another length go by the call that takes the app's own. */
    private fun call(glass: Frostglass, behaviour: JSONObject): Answer = runBlocking {
        val picture = behaviour.getJSONObject("picture")
        val (width, height) = picture.getInt("width") to picture.getInt("height")
        val crop = picture.optJSONArray("crop")?.let {
            val (x, y, w, h) = List(4) { at -> it.getInt(at) }
            Rect(x, y, x + w, y + h)
        }
        val rotation = picture.optInt("rotation")
        val mirror = picture.optBoolean("mirror")
        val token = if (behaviour.has("token")) behaviour.getString("token") else null
        try {
            if (picture.getString("format") == "yuv420") {
                val image = camera(width, height, picture.getInt("pixel_stride"))
                val release = glass.sanitize(image, crop, rotation, mirror, token)
                return@runBlocking Answer(release.toByteArray(), release.isResent, null)
            }
            val stride = picture.optInt("row_stride")
            val needed = if (stride == 0) 4 * width * height else stride * height
            val pixels = pattern(picture.optInt("bytes", needed), 29, 0)
            for (i in 3 until pixels.size step 4) pixels[i] = -1
            val out = ByteBuffer.allocateDirect(glass.releaseLength + behaviour.optInt("release"))
            val resent = glass.sanitizeInto(
                out, direct(pixels), width, height, crop, rotation, mirror, stride, token,
            )
            Answer(ByteArray(out.remaining()).also { out.get(it) }, resent, null)
        } catch (refusal: FrostglassException) {
            Answer(null, false, refusal.kind.name.lowercase())
        }
    }

    private fun camera(width: Int, height: Int, step: Int): Image {
        val (across, down) = (width + 1) / 2 to (height + 1) / 2
        return Camera(
            width, height,
            Plane(direct(pattern(width * height, 29, 0)), width, 1),
            Plane(direct(pattern(across * down * step, 17, 3)), across * step, step),
            Plane(direct(pattern(across * down * step, 7, 11)), across * step, step),
        )
    }

    private fun pattern(count: Int, times: Int, plus: Int) =
        ByteArray(count) { ((times * it + plus) % 251).toByte() }

    private fun JSONArray.objects() = List(length()) { getJSONObject(it) }
}
