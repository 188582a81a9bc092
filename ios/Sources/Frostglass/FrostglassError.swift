import Foundation
import FrostglassBindings

/// What went wrong, coarsely. The list may grow; a kind's meaning does not change.
public typealias ErrorKind = FrostglassBindings.ErrorKind

/// Why a call was refused.
///
/// Decide on ``kind``; ``message`` is one line for a person that says what was wrong and what would
/// be right. It holds no pixel, no path and no secret, so that it may be logged.
public struct FrostglassError: Error, Hashable, Sendable {
    /// What an app decides on.
    public let kind: ErrorKind
    /// The line for a person.
    public let message: String

    init(_ kind: ErrorKind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

extension FrostglassError: LocalizedError, CustomStringConvertible {
    public var errorDescription: String? { message }
    public var description: String { "\(kind): \(message)" }
}

/// Calls through UniFFI, whose errors become ours.
func translated<T>(_ call: () throws -> T) throws(FrostglassError) -> T {
    do {
        return try call()
    } catch let Failure.Refused(kind, reason) {
        throw FrostglassError(kind, reason)
    } catch let error as FrostglassError {
        throw error
    } catch {
        throw FrostglassError(.internal, "a defect in the library")
    }
}

/// A number that native code takes without a sign.
func unsigned(_ what: String, _ value: Int, _ kind: ErrorKind = .policy) throws(FrostglassError)
    -> UInt32
{
    guard let value = UInt32(exactly: value) else {
        throw FrostglassError(kind, "the \(what) is \(value); 0 to \(UInt32.max) are numbers for it")
    }
    return value
}
