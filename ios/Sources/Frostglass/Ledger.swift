import Foundation
import FrostglassBindings

/// The most that all releases of a ledger may cost together; fixed before the first.
public struct Budget: Hashable, Sendable {
    /// The epsilon that is not passed.
    public var epsilon: Double
    /// The delta that goes with it.
    public var delta: Double
    /// What adjacent pictures differ in, or a person.
    public var unit: BudgetUnit

    /// A budget of so much.
    public init(epsilon: Double, delta: Double, unit: BudgetUnit) {
        self.epsilon = epsilon
        self.delta = delta
        self.unit = unit
    }
}

/// The total of a ledger beside its budget.
public typealias Standing = FrostglassBindings.Standing

/// What reading a ledger's file from end to end found.
public typealias LedgerCheck = FrostglassBindings.LedgerCheck

/// The file that adds up what releases cost, and refuses past its budget. Sessions and processes may
/// share it.
///
/// Keep it out of backups (`URLResourceValues.isExcludedFromBackup`): a ledger that is put back gives
/// its budget back.
public final class Ledger: Sendable {
    let native: FrostglassBindings.Ledger

    /// Opens the ledger in a file, which must have this budget, or begins one with it.
    ///
    /// - Throws: ``FrostglassError`` of kind `ledger` where the file is damaged or has another budget,
    ///   `busy` where another process holds it for ten seconds.
    public init(_ file: URL, budget: Budget) throws(FrostglassError) {
        native = try translated {
            let fixed = FrostglassBindings.Budget(
                epsilon: budget.epsilon, delta: budget.delta, unit: try budget.unit.native())
            return try FrostglassBindings.Ledger.open(path: file.path, budget: fixed)
        }
    }

    /// What is spent so far, other processes' charges included.
    ///
    /// - Throws: ``FrostglassError`` of kind `ledger` or `busy`.
    public func standing() throws(FrostglassError) -> Standing {
        try translated { try native.standing() }
    }

    /// Removes the release that was kept under a token. The token stays used.
    public func forget(token: String) throws(FrostglassError) {
        try translated { try native.forget(token: token) }
    }

    /// Reads a ledger's file from end to end, changing nothing; a damaged one too.
    public static func check(_ file: URL) throws(FrostglassError) -> LedgerCheck {
        try translated { try checkLedger(path: file.path) }
    }

    /// Puts a successor in the place of a damaged ledger, forgetting nothing that was spent.
    ///
    /// - Returns: Where the damaged file now lies.
    public static func continueDamaged(_ file: URL) throws(FrostglassError) -> URL {
        URL(fileURLWithPath: try translated { try continueDamagedLedger(path: file.path) })
    }
}
