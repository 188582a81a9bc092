package dev.frostglass

import android.content.Context
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** The choice among plans that are opened and measured here. */
@RunWith(RobolectricTestRunner::class)
class PlanTest {
    private val context: Context = RuntimeEnvironment.getApplication()
    private val one = Plan(little, Policy.parse("channels(1)|grid(i8)"), psnr = 15.0)
    private val two = Plan(little, Policy.parse(PLAIN), psnr = 20.0)
    private val unknown = Plan(little, Policy.parse("hold(2)"))
    private val plans = listOf(one, two, unknown)

    @Test
    fun `the plan with the most channels within the limits is chosen`() = runBlocking {
        val wide = Frostglass.plan(context, plans, Figures(psnr = 20.0), PrivacyDemand.HIGH, runs = 3)
        assertSame(two, wide.plan)
        val (first, second, third) = wide.measured
        assertEquals(listOf(1u, 2u, 2u), wide.measured.map { it.candidate.channels })
        assertEquals(2u, first.candidate.depth, "a convolution and a pool")
        assertTrue(second.candidate.figures.latencyMicroseconds!! > 0)
        assertTrue(first.beyond.isEmpty() && second.beyond.isEmpty())
        assertEquals(listOf(Quantity.LEAKAGE), third.beyond, "nobody has measured it")
        assertNull(third.candidate.figures.psnr)
        val narrow = Frostglass.plan(context, plans, Figures(psnr = 16.0), PrivacyDemand.LOW, runs = 3)
        assertSame(one, narrow.plan)
        Frostglass.open(narrow.plan.model, narrow.plan.policy).close()
    }

    @Test
    fun `where none fits the closest is named`() = runBlocking {
        val limits = Figures(latencyMicroseconds = 0.0, psnr = 10.0)
        val none = assertFailsWith<NoPlanFitsException> {
            Frostglass.plan(context, plans, Figures(psnr = 10.0), PrivacyDemand.HIGH, runs = 1)
        }
        assertSame(one, none.closest!!.plan)
        assertEquals(3, none.measured.size)
        val slow = assertFailsWith<NoPlanFitsException> {
            Frostglass.plan(context, listOf(one), limits, PrivacyDemand.LOW, runs = 1)
        }
        assertEquals(listOf(Quantity.LATENCY, Quantity.LEAKAGE), slow.closest!!.beyond)
        val nothing = assertFailsWith<NoPlanFitsException> {
            Frostglass.plan(context, emptyList(), limits, PrivacyDemand.LOW)
        }
        assertNull(nothing.closest)
    }

    @Test
    fun `a plan that cannot be opened or measured is refused`() {
        runBlocking {
            val none = listOf(Plan(Model.packed(ByteArray(0)), Policy.parse(PLAIN)))
            refused(ErrorKind.MODEL) { Frostglass.plan(context, none, Figures(), PrivacyDemand.LOW) }
            refused(ErrorKind.FRAME) {
                Frostglass.plan(context, plans, Figures(), PrivacyDemand.LOW, runs = 0)
            }
        }
    }
}
