package dev.frostglass

import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.BatteryManager
import android.os.Build
import android.os.Debug
import android.os.PowerManager
import dev.frostglass.ffi.MeterReading
import dev.frostglass.ffi.MeterSources
import dev.frostglass.ffi.Meters

/** Android's own services for memory, energy and heat. What a device does not tell is left out. */
internal class AndroidMeters(private val context: Context) : Meters {
    private val battery = context.getSystemService(BatteryManager::class.java)
    private val power = context.getSystemService(PowerManager::class.java)
    private val rails: PowerRails? =
        if (Build.VERSION.SDK_INT >= 35) PowerRails.of(context) else null

    override fun read(): MeterReading = MeterReading(
        memoryBytes = (Debug.getPss() * 1024).takeIf { it > 0 }?.toULong(),
        energyJoules = rails?.joules() ?: ofBattery(),
        thermal = thermal(),
    )

    override fun sources(): MeterSources = MeterSources(
        memory = "proportional set size of the process, Debug.getPss",
        energy = when {
            rails != null -> "${rails.names}, PowerMonitor, the whole device"
            energyCounter() != null -> "the battery's energy counter, BatteryManager, the whole device"
            else -> "the battery's charge counter by its voltage, BatteryManager, the whole device"
        },
        thermal = "PowerManager.getCurrentThermalStatus",
    )

    /** Joules that have left the battery, up to a constant. */
    private fun ofBattery(): Double? {
        energyCounter()?.let { return -it * JOULES_PER_NANOWATT_HOUR }
        val microampereHours = battery?.getIntProperty(BatteryManager.BATTERY_PROPERTY_CHARGE_COUNTER)
        if (microampereHours == null || microampereHours <= 0) return null
        val state = context.registerReceiver(null, IntentFilter(Intent.ACTION_BATTERY_CHANGED))
        val millivolts = state?.getIntExtra(BatteryManager.EXTRA_VOLTAGE, 0) ?: 0
        if (millivolts <= 0) return null
        // Ampere-hours are 3600 ampere-seconds each.
        return -microampereHours * 1e-6 * 3600 * millivolts * 1e-3
    }

    /** What is left in the battery, in nanowatt-hours, where the device counts it. */
    private fun energyCounter(): Long? =
        battery?.getLongProperty(BatteryManager.BATTERY_PROPERTY_ENERGY_COUNTER)?.takeIf { it > 0 }

    private fun thermal(): String? {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.Q || power == null) return null
        return when (val status = power.currentThermalStatus) {
            PowerManager.THERMAL_STATUS_NONE -> "none"
            PowerManager.THERMAL_STATUS_LIGHT -> "light"
            PowerManager.THERMAL_STATUS_MODERATE -> "moderate"
            PowerManager.THERMAL_STATUS_SEVERE -> "severe"
            PowerManager.THERMAL_STATUS_CRITICAL -> "critical"
            PowerManager.THERMAL_STATUS_EMERGENCY -> "emergency"
            PowerManager.THERMAL_STATUS_SHUTDOWN -> "shutdown"
            else -> "status $status"
        }
    }

    private companion object {
        const val JOULES_PER_NANOWATT_HOUR = 3600e-9
    }
}
