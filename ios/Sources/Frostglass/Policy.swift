import FrostglassBindings

/// What two pictures may differ in for a promise to speak of them.
public enum Adjacency: Hashable, Sendable {
    /// One number of the map; not one pixel of the photograph.
    case activation
    /// Any change inside one square patch of so many pixels a side, at the network's input.
    case patch(side: Int)
    /// Any change to the whole picture.
    case image

    func native() throws(FrostglassError) -> FrostglassBindings.Adjacency {
        switch self {
        case .activation: .activation
        case .patch(let side): .patch(side: try unsigned("patch's side", side))
        case .image: .image
        }
    }
}

/// What a budget speaks of: what two pictures may differ in, or a person.
public enum BudgetUnit: Hashable, Sendable {
    /// One number of each release's map; not one pixel of the photograph.
    case activation
    /// Any change inside one square patch of so many pixels a side, at the network's input.
    case patch(side: Int)
    /// Any change to the whole picture.
    case image
    /// One person: all photographs of that person that this device sends, each against any other. Every
    /// release is charged for the whole image.
    case person

    func native() throws(FrostglassError) -> FrostglassBindings.BudgetUnit {
        switch self {
        case .activation: .within(adjacency: .activation)
        case .patch(let side):
            .within(adjacency: .patch(side: try unsigned("patch's side", side)))
        case .image: .within(adjacency: .image)
        case .person: .person
        }
    }
}

/// Which rule turns epsilon into noise.
public typealias Calibration = FrostglassBindings.Calibration

/// Which sample of a window stands for all of them.
public typealias HoldRule = FrostglassBindings.HoldRule

/// Where windows begin anew.
public typealias HoldWithin = FrostglassBindings.HoldWithin

/// The integers that a release is written in.
public typealias GridInteger = FrostglassBindings.GridInteger

/// What is done to activations before they leave: an ordered list of stages, checked when it is made.
///
/// ```swift
/// let noisy = try Policy(.dp(epsilon: 5))
/// let held = try Policy(.channels(0..<16), .hold(window: 8))
/// assert(try held.text == Policy(parsing: "channels(0-15) | hold(8)").text)
/// ```
public final class Policy: Sendable {
    let native: FrostglassBindings.Policy

    /// A policy of these stages, first to last.
    ///
    /// - Throws: ``FrostglassError`` of kind `policy` where a stage cannot be, or where their order
    ///   would break a promise.
    public init(_ stages: Stage...) throws(FrostglassError) {
        native = try Self.of(stages)
    }

    /// A policy of these stages, first to last.
    public init(_ stages: [Stage]) throws(FrostglassError) {
        native = try Self.of(stages)
    }

    /// A policy from text, as in `channels(0-15) | dp(epsilon=5)`.
    ///
    /// - Throws: ``FrostglassError`` of kind `policy`, with the list of what is allowed.
    public init(parsing text: String) throws(FrostglassError) {
        native = try translated { try FrostglassBindings.Policy.parse(text: text) }
    }

    /// The policy as text, every parameter written out; ``init(parsing:)`` reads it.
    public var text: String { native.text() }

    private static func of(_ stages: [Stage]) throws(FrostglassError) -> FrostglassBindings.Policy {
        try translated { try .of(stages: stages.map { try $0.native() }) }
    }
}

extension Policy: CustomStringConvertible {
    public var description: String { text }
}

/// One stage of a ``Policy``.
public struct Stage: Sendable {
    let native: @Sendable () throws -> FrostglassBindings.Stage

    /// Keeps these channels of the map.
    public static func channels(_ keep: some Sequence<Int>) -> Self {
        let keep = Array(keep)
        return Self { .channels(keep: try keep.map { try unsigned("channel", $0) }) }
    }

    /// Sample-and-hold: each window of so many values becomes one of its own samples.
    public static func hold(
        window: Int, rule: HoldRule = .nearestMean, within: HoldWithin = .map
    ) -> Self {
        Self { .hold(window: try unsigned("window", window), rule: rule, within: within) }
    }

    /// Gaussian noise with a formal promise. What is left nil is as the core has it.
    ///
    /// - Parameters:
    ///   - epsilon: What one release costs; above 0.
    ///   - delta: The delta that goes with it.
    ///   - unit: What adjacent pictures differ in.
    ///   - clip: The L2 norm that the normalised map is shrunk to.
    ///   - aMax: Activations are clipped to 0 ... `aMax`.
    ///   - width: The normalisation's window in channels.
    ///   - alpha: The normalisation's weight of the sum of squares.
    ///   - beta: The normalisation's exponent.
    ///   - gamma: The normalisation's constant under the power.
    ///   - calibration: Which rule turns epsilon into noise.
    public static func dp(
        epsilon: Double, delta: Double? = nil, unit: Adjacency? = nil, clip: Float? = nil,
        aMax: Float? = nil, width: Int? = nil, alpha: Float? = nil, beta: Float? = nil,
        gamma: Float? = nil, calibration: Calibration? = nil
    ) -> Self {
        Self {
            .dp(
                parameters: Dp(
                    epsilon: epsilon, delta: delta, unit: try unit?.native(), aMax: aMax,
                    width: try width.map { try unsigned("width", $0) }, alpha: alpha, beta: beta,
                    gamma: gamma, clip: clip, calibration: calibration))
        }
    }

    /// Rounding to a public grid; its step is the model's own where none is given.
    public static func grid(_ integer: GridInteger, step: Float? = nil) -> Self {
        Self { .grid(integer: integer, step: step) }
    }
}
