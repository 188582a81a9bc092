package dev.frostglass

import android.annotation.TargetApi
import android.content.Context
import android.os.OutcomeReceiver
import android.os.PowerMonitor
import android.os.PowerMonitorReadings
import android.os.health.SystemHealthManager
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException

/** The energy that the processor's rails took, where a device of API 35 measures them. */
@TargetApi(35)
internal class PowerRails private constructor(
    private val health: SystemHealthManager,
    private val monitors: List<PowerMonitor>,
) {
    /** Which are summed. */
    val names: String = monitors.joinToString(" + ") { it.name }

    /** Joules since the device was started; null where the service does not answer. */
    fun joules(): Double? {
        val answer = CompletableFuture<PowerMonitorReadings>()
        val receiver = object : OutcomeReceiver<PowerMonitorReadings, RuntimeException> {
            override fun onResult(result: PowerMonitorReadings) {
                answer.complete(result)
            }

            override fun onError(error: RuntimeException) {
                answer.completeExceptionally(error)
            }
        }
        health.getPowerMonitorReadings(monitors, Runnable::run, receiver)
        val readings = answer.orNull() ?: return null
        val consumed = monitors.map { readings.getConsumedEnergy(it) }
        if (consumed.any { it == PowerMonitorReadings.ENERGY_UNAVAILABLE.toLong() }) return null
        // Microwatt-seconds.
        return consumed.sum() * 1e-6
    }

    companion object {
        /** The device's monitors of what the processor consumes; null where it has none. */
        fun of(context: Context): PowerRails? {
            val health = context.getSystemService(SystemHealthManager::class.java) ?: return null
            val answer = CompletableFuture<List<PowerMonitor>>()
            health.getSupportedPowerMonitors(Runnable::run) { answer.complete(it) }
            val processor = answer.orNull().orEmpty().filter {
                it.type == PowerMonitor.POWER_MONITOR_TYPE_CONSUMER && it.name.startsWith("CPU")
            }
            return if (processor.isEmpty()) null else PowerRails(health, processor)
        }

        private fun <T> CompletableFuture<T>.orNull(): T? =
            try {
                get(1, TimeUnit.SECONDS)
            } catch (_: TimeoutException) {
                null
            } catch (_: ExecutionException) {
                null
            }
    }
}
