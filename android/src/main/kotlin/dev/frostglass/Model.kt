package dev.frostglass

import android.content.Context
import dev.frostglass.ffi.ModelSource
import java.io.File
import java.io.IOException

/**
 * Where a front comes from. Make a packed front with `frostglass pack MODEL --cut CUT --out FILE`; it
 * is what the small library opens.
 *
 * Give the file's digest where the file was downloaded: the digest in your own code is what tells that
 * it is the file you meant.
 */
public class Model private constructor(internal val source: () -> ModelSource) {
    public companion object {
        /** A packed front in a file. */
        @JvmStatic
        @JvmOverloads
        public fun packed(file: File, digest: String? = null): Model =
            Model { ModelSource.PackedFile(file.path, digest) }

        /** A packed front in memory. */
        @JvmStatic
        @JvmOverloads
        public fun packed(bytes: ByteArray, digest: String? = null): Model =
            Model { ModelSource.PackedBytes(bytes, digest) }

        /** A packed front among the app's assets. */
        @JvmStatic
        public fun asset(context: Context, name: String): Model = Model {
            val bytes = try {
                context.assets.open(name).use { it.readBytes() }
            } catch (_: IOException) {
                refuse(ErrorKind.SYSTEM, "the app has no such asset, or it cannot be read")
            }
            ModelSource.PackedBytes(bytes, null)
        }

        /** An ONNX model with its card; for the library that reads ONNX. */
        @JvmStatic
        public fun onnx(model: File, card: File, cut: String): Model =
            Model { ModelSource.OnnxFile(model.path, card.path, cut) }

        /** An ONNX model in memory, with its card's text. */
        @JvmStatic
        public fun onnx(model: ByteArray, card: String, cut: String): Model =
            Model { ModelSource.OnnxBytes(model, card, cut) }
    }
}
