package dev.frostglass

import com.sun.management.ThreadMXBean
import java.io.File
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import kotlin.system.exitProcess
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext

/** The most that Kotlin may add to a call, in microseconds. */
private const val MOST_MICROSECONDS = 50.0

/** The most that a call may allocate on Java's heap, in bytes. */
private const val MOST_ALLOCATED = 1024.0

/** What a heap may grow by over all calls, in bytes: less than four bytes a call. */
private const val MOST_GROWTH = 40_000L

private const val CALLS = 10_000
private const val ROUNDS = 20

/**
 * What Kotlin adds to the same call made by native code, in one process and on one thread: medians, in
 * turns, after everything has been compiled. Ends with an error where it is too much.
 */
fun main() {
    val pixels = direct(ByteArray(SIDE * SIDE * 4) { (it * 29 % 251).toByte() })
    val model = Model.packed(File(root, "core/tests/packed/little.front"))
    val glass = Frostglass.open(model, Policy.parse("hold(2)"))
    check(LabNative.isThere) { "this harness needs the library of a lab" }
    val results = glass.use { runBlocking { withContext(Dispatchers.Default) { measure(it, pixels) } } }
    results.forEach(::println)
    if (results.any { !it.holds }) exitProcess(1)
}

/** The picture's side: resized to the network's input, as a camera's preview would be. */
private const val SIDE = 64

private class Result(val what: String, val measured: Double, val most: Double, val unit: String) {
    val holds get() = measured <= most

    override fun toString() =
        "%-52s %10.2f %s, at most %.0f: %s".format(what, measured, unit, most, if (holds) "held" else "MISSED")
}

private suspend fun measure(glass: Frostglass, pixels: ByteBuffer): List<Result> {
    val release = glass.newRelease()
    val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean
    suspend fun call() = glass.sanitize(pixels, SIDE, SIDE, into = release)

    val took = LongArray(CALLS / ROUNDS)
    suspend fun kotlin(): Double {
        for (i in took.indices) {
            val begun = System.nanoTime()
            call()
            took[i] = System.nanoTime() - begun
        }
        took.sort()
        return took[took.size / 2].toDouble()
    }
    suspend fun dispatched(): Double {
        for (i in took.indices) {
            val begun = System.nanoTime()
            withContext(Dispatchers.IO) { call() }
            took[i] = System.nanoTime() - begun
        }
        took.sort()
        return took[took.size / 2].toDouble()
    }
    fun native(): Double {
        val out = release.buffer
        val median =
            LabNative.median(glass.nativeNumber, pixels, SIDE, SIDE, out, out.capacity(), took.size)
        return median.toDouble().also { check(it > 0) { "native code was refused: $it" } }
    }

    repeat(ROUNDS) { kotlin(); native(); dispatched() }
    val added = List(ROUNDS) { (kotlin() - native()) / 1000 }.sorted()
    val addedByDispatch = List(ROUNDS) { (dispatched() - native()) / 1000 }.sorted()
    println("native code alone: %.2f us a call".format(native() / 1000))
    println("through another dispatcher: %.2f us more".format(addedByDispatch[ROUNDS / 2]))

    // Everything on this thread: no call suspends, since nobody else has the session.
    val before = threads.currentThreadAllocatedBytes
    repeat(CALLS) { call() }
    val allocated = (threads.currentThreadAllocatedBytes - before).toDouble() / CALLS

    val heap = held()
    repeat(CALLS) { call() }
    val grown = held() - heap
    return listOf(
        Result("Kotlin's sanitize over the native call", added[ROUNDS / 2], MOST_MICROSECONDS, "us"),
        Result("allocated on Java's heap a call", allocated, MOST_ALLOCATED, "bytes"),
        Result("growth of the heap over $CALLS calls", grown.toDouble(), MOST_GROWTH.toDouble(), "bytes"),
    )
}

/** Bytes of the heap that are in use after collection. */
private fun held(): Long {
    val memory = ManagementFactory.getMemoryMXBean()
    repeat(3) {
        System.gc()
        Thread.sleep(50)
    }
    return memory.heapMemoryUsage.used
}
