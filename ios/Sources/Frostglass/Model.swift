import Foundation
import FrostglassBindings

/// Where a front comes from.
///
/// Make a packed front with `frostglass pack MODEL --cut CUT --out FILE`; it is what the small library
/// opens. Give the file's digest where the file was downloaded: the digest in your own code is what
/// tells that it is the file you meant.
public struct Model: Sendable {
    let source: @Sendable () throws -> ModelSource

    /// A packed front in a file.
    public static func packed(_ file: URL, digest: String? = nil) -> Self {
        Self { .packedFile(path: file.path, digest: digest) }
    }

    /// A packed front in memory.
    public static func packed(_ bytes: Data, digest: String? = nil) -> Self {
        Self { .packedBytes(bytes: bytes, digest: digest) }
    }

    /// A packed front among the app's resources, named with its extension.
    public static func resource(_ name: String, in bundle: Bundle = .main, digest: String? = nil)
        -> Self
    {
        // A bundle may not cross threads; where its file lies may.
        let file = bundle.url(forResource: name, withExtension: nil)
        return Self {
            guard let file else {
                throw FrostglassError(.system, "the app has no resource of the model's name")
            }
            return .packedFile(path: file.path, digest: digest)
        }
    }

    /// An ONNX model with its card; for the library that reads ONNX.
    public static func onnx(_ model: URL, card: URL, cut: String) -> Self {
        Self { .onnxFile(path: model.path, cardPath: card.path, cut: cut) }
    }

    /// An ONNX model in memory, with its card's text.
    public static func onnx(_ model: Data, card: String, cut: String) -> Self {
        Self { .onnxBytes(bytes: model, card: card, cut: cut) }
    }
}
