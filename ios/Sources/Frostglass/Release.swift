import Foundation
import FrostglassBindings

/// What stands in a release's header; all of it is public.
public typealias ReleaseDescription = FrostglassBindings.ReleaseDescription

/// The bytes that may leave the device: a safetensors file with one tensor of whole numbers.
///
/// A release is room that a session fills (``Frostglass/newRelease()``); it may be filled again, so
/// that a stream of frames takes no new memory.
public struct Release: Hashable, Sendable {
    /// The whole file.
    public internal(set) var bytes: Data
    /// Whether these bytes were made by an earlier call, under the same token, at no cost now.
    public internal(set) var isResent = false

    init(length: Int) {
        bytes = Data(count: length)
    }

    /// What the header says.
    ///
    /// - Throws: ``FrostglassError`` of kind `release` where nothing was ever written to it.
    public func describe() throws(FrostglassError) -> ReleaseDescription {
        try translated { try describeRelease(bytes: bytes) }
    }
}
