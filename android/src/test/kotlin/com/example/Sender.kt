package com.example

import android.content.Context
import android.graphics.Bitmap
import android.graphics.Rect
import dev.frostglass.Adjacency
import dev.frostglass.Budget
import dev.frostglass.Frostglass
import dev.frostglass.Ledger
import dev.frostglass.Model
import dev.frostglass.Policy
import dev.frostglass.Release
import java.io.File

/** Makes what may leave the phone of photographs; call [close] when no more come. */
class Sender(context: Context, front: Model = Model.asset(context, "face.front")) : AutoCloseable {
    private val ledger = Ledger.open(
        File(context.noBackupFilesDir, "releases.ledger"),
        Budget(epsilon = 8.0, delta = 1e-5, unit = Adjacency.Image),
    )
    private val policy = Policy { dp(epsilon = 1.0, unit = Adjacency.Image) }
    private val glass = Frostglass.open(front, policy) { ledger = this@Sender.ledger }

    /** What is promised for each photograph, for the app's privacy screen. */
    val promises: List<String> get() = glass.receipt().promises.map { it.statement }

    suspend fun release(photo: Bitmap, face: Rect): Release = glass.sanitize(photo, crop = face)

    override fun close() = glass.close().also { ledger.close() }
}
