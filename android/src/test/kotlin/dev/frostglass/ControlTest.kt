package dev.frostglass

import java.io.File
import kotlin.test.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.Rule
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** Policies, receipts and ledgers. */
@RunWith(RobolectricTestRunner::class)
class ControlTest {
    @get:Rule
    val folders = TemporaryFolder()

    private val pixels = direct(colours())

    @Test
    fun `a policy that is built is the one that is written`() {
        val built = Policy {
            channels(0..1)
            dp(epsilon = 8.0, unit = Adjacency.Patch(8), clip = 4f)
            hold(window = 3)
        }
        val text = "channels(0-1)|dp(epsilon=8, unit=patch(8), clip=4)|hold(3)"
        assertEquals(Policy.parse(text).text, built.text)
        assertEquals(Policy.parse("grid(i8)").text, Policy { grid(GridInteger.I8) }.toString())
        for (rule in HoldRule.entries) {
            for (within in HoldWithin.entries) {
                val name = rule.name.lowercase().replace('_', '-')
                val written = "hold(8, rule=$name, within=${within.name.lowercase()})"
                assertEquals(Policy.parse(written).text, Policy { hold(8, rule, within) }.text)
            }
        }
        assertEquals(Policy.parse("hold(8)").text, Policy { hold(8) }.text)
        refused(ErrorKind.POLICY) { Policy { } }
        refused(ErrorKind.POLICY) { Policy { hold(0) } }
        refused(ErrorKind.POLICY) { Policy { hold(-1) } }
        refused(ErrorKind.POLICY) { Policy { hold(2); dp(epsilon = 1.0) } }
        assertTrue("hold" in refused(ErrorKind.POLICY) { Policy.parse("blur(3)") })
    }

    @Test
    fun `a receipt says what is promised and what is not`() {
        open("dp(epsilon=1, unit=image)").use { glass ->
            val receipt = glass.receipt()
            assertTrue(receipt.costs.last().useful)
            assertTrue(receipt.notProtected.isNotEmpty() && "formal" in receipt.text)
        }
    }

    @Test
    fun `a ledger refuses past its budget and remembers tokens`() = runBlocking {
        val file = File(folders.newFolder(), "ledger")
        val budget = Budget(2.0, 1e-5, Adjacency.Activation)
        Ledger.open(file, budget).use { ledger ->
            val glass = open("dp(epsilon=1)") { this.ledger = ledger }
            val first = glass.sanitize(pixels, 8, 8, token = "message 1")
            assertFalse(first.isResent)
            val again = glass.sanitize(pixels, 8, 8, token = "message 1")
            assertTrue(again.isResent)
            assertContentEquals(first.toByteArray(), again.toByteArray())
            assertEquals(1uL, ledger.standing().releases)
            var made = 1
            val refusal = refused(ErrorKind.BUDGET) {
                while (true) glass.sanitize(pixels, 8, 8).also { made++ }
            }
            assertTrue(refusal.isNotEmpty())
            assertEquals(3, made, "releases of epsilon 1 under epsilon 2 (core's own example)")
            assertTrue(Ledger.check(file).whole)
            glass.close()
        }
        refused(ErrorKind.LEDGER) { Ledger.open(file, Budget(9.0, 1e-5, Adjacency.Activation)) }
        refused(ErrorKind.BUDGET) {
            Ledger.open(file, budget).use { open("hold(2)") { ledger = it } }
        }
        file.writeBytes(file.readBytes().also { it[it.size / 2] = (it[it.size / 2] + 1).toByte() })
        refused(ErrorKind.LEDGER) { Ledger.open(file, budget) }
        assertFalse(Ledger.check(file).whole)
        assertTrue(Ledger.continueDamaged(file).isFile)
        assertTrue(Ledger.check(file).whole)
    }
}
