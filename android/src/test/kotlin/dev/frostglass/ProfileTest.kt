package dev.frostglass

import android.content.Context
import android.os.BatteryManager
import android.os.OutcomeReceiver
import android.os.PowerManager
import android.os.PowerMonitor
import android.os.PowerMonitorReadings
import android.os.health.SystemHealthManager
import java.util.concurrent.Executor
import java.util.function.Consumer
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements

/** Figures and their sources, from Android's services as Robolectric plays them. */
@RunWith(RobolectricTestRunner::class)
class ProfileTest {
    private val context: Context = RuntimeEnvironment.getApplication()

    @Test
    fun `a profile has times, and heat in Android's words`() = runBlocking {
        shadowOf(context.getSystemService(PowerManager::class.java))
            .setCurrentThermalStatus(PowerManager.THERMAL_STATUS_MODERATE)
        open(PLAIN).use { glass ->
            val profile = glass.profile(context, runs = 20)
            assertEquals(20u, profile.runs)
            assertTrue(profile.leastMicroseconds > 0)
            assertTrue(profile.medianMicroseconds <= profile.mostMicroseconds)
            assertEquals("moderate" to "moderate", profile.thermalBefore to profile.thermalAfter)
            assertNull(profile.joulesPerRun, "a battery that stands still tells nothing")
            refused(ErrorKind.FRAME) { glass.profile(context, runs = 0) }
            glass.close()
            refused(ErrorKind.CLOSED) { glass.profile(context) }
            Unit
        }
    }

    @Test
    fun `a battery's counter is energy that has left it`() {
        val battery = shadowOf(context.getSystemService(BatteryManager::class.java))
        val meters = AndroidMeters(context)
        fun joules(nanowattHours: Long): Double {
            battery.setLongProperty(BatteryManager.BATTERY_PROPERTY_ENERGY_COUNTER, nanowattHours)
            return meters.read().energyJoules!!
        }
        // A watt-hour is 3600 joules.
        assertEquals(3600.0, joules(1_000_000_000) - joules(2_000_000_000), 1e-6)
        assertTrue("energy counter" in meters.sources().energy)
    }

    /** Two of the processor's monitors, and one of another part. */
    @Implements(SystemHealthManager::class)
    class Rails {
        private val monitors = listOf(
            PowerMonitor(0, PowerMonitor.POWER_MONITOR_TYPE_CONSUMER, "CPU"),
            PowerMonitor(1, PowerMonitor.POWER_MONITOR_TYPE_CONSUMER, "CPU2"),
            PowerMonitor(2, PowerMonitor.POWER_MONITOR_TYPE_CONSUMER, "DISPLAY"),
        )

        @Implementation
        fun getSupportedPowerMonitors(executor: Executor?, onResult: Consumer<List<PowerMonitor>>) {
            onResult.accept(monitors)
        }

        @Implementation
        fun getPowerMonitorReadings(
            wanted: List<PowerMonitor>,
            executor: Executor?,
            onResult: OutcomeReceiver<PowerMonitorReadings, RuntimeException>,
        ) {
            val energies = LongArray(wanted.size) { 1_500_000L * (it + 1) }
            onResult.onResult(
                PowerMonitorReadings(wanted.toTypedArray(), energies, LongArray(wanted.size)),
            )
        }
    }

    @Test
    @Config(shadows = [Rails::class])
    fun `the processor's rails come before the battery`() {
        val meters = AndroidMeters(context)
        assertEquals(4.5, meters.read().energyJoules!!, 1e-9, "microwatt-seconds are microjoules")
        assertTrue("CPU + CPU2" in meters.sources().energy)
    }
}
