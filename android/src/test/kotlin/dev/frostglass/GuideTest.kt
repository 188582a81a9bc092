package dev.frostglass

import android.graphics.Bitmap
import android.graphics.Rect
import com.example.Sender
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** The newcomer's page: what it shows is compiled here, and runs. */
@RunWith(RobolectricTestRunner::class)
class GuideTest {
    @Test
    fun `the page shows the program that is compiled`() {
        val program = File(root, "android/src/test/kotlin/com/example/Sender.kt").readText().trim()
        val page = File(root, "docs/android.md").readText()
        assertTrue(program in page)
        assertTrue(program.lines().size < 32, "under thirty lines beside the package's name")
    }

    @Test
    fun `the program makes releases until its budget is spent`() = runBlocking {
        Sender(RuntimeEnvironment.getApplication(), little).use { sender ->
            assertTrue(sender.promises.any { "differentially private" in it })
            val photo = Bitmap.createBitmap(16, 16, Bitmap.Config.ARGB_8888)
            assertEquals(listOf(2u, 4u, 4u), sender.release(photo, Rect(2, 2, 10, 10)).describe().shape)
            var made = 1
            refused(ErrorKind.BUDGET) { while (true) sender.release(photo, Rect(2, 2, 10, 10)).also { made++ } }
            assertTrue(made > 8, "Gaussian releases add up slower than one by one, and there were $made")
        }
    }
}
