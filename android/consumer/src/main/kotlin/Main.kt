import dev.frostglass.ErrorKind
import dev.frostglass.Frostglass
import dev.frostglass.FrostglassException
import dev.frostglass.Model
import dev.frostglass.Policy
import java.io.File
import java.nio.ByteBuffer
import kotlinx.coroutines.runBlocking

/** Makes a release of a picture, as an app would, with the packed front whose file is named. */
fun main(arguments: Array<String>): Unit = runBlocking {
    val pixels = ByteBuffer.allocateDirect(8 * 8 * 4)
    while (pixels.hasRemaining()) pixels.put((pixels.position() * 29 % 251).toByte())
    pixels.flip()
    val glass = Frostglass.open(Model.packed(File(arguments[0])), Policy { dp(epsilon = 5.0) })
    glass.use {
        val release = it.sanitize(pixels, width = 8, height = 8)
        check(release.bytes.remaining() == it.releaseLength)
        println("a release of ${it.releaseLength} bytes: ${release.describe().policy}")
        it.receipt().promises.forEach { promise -> println("${promise.kind}: ${promise.statement}") }
    }
    try {
        glass.sanitize(pixels, width = 8, height = 8)
        error("a closed session made a release")
    } catch (refusal: FrostglassException) {
        check(refusal.kind == ErrorKind.CLOSED)
    }
}
