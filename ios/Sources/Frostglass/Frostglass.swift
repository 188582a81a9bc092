import Foundation
import FrostglassBindings

/// What every release of a session promises, and which kind of promise each is.
public typealias Receipt = FrostglassBindings.Receipt

/// What a front is: its model, cut and memory.
public typealias FrontDescription = FrostglassBindings.FrontDescription

/// What a run took, with the source of each figure.
public typealias Profile = FrostglassBindings.Profile

/// The front of a network under a policy: pictures in, releases out, and nothing else.
///
/// ```swift
/// let glass = try await Frostglass.open(.resource("face.front"), Policy(.dp(epsilon: 5)))
/// let release = try await glass.sanitize(pixels, width: 640, height: 480)
/// upload(release.bytes)
/// glass.close()
/// ```
///
/// It may be shared between tasks and threads; it serves one caller at a time, and the tasks that call
/// its `async` functions wait without holding a thread. A call that fails leaves the release as it was.
public actor Frostglass {
    private let session: Session
    /// What the functions for pixels know the session by.
    nonisolated let number: UInt64

    /// What the front is.
    public nonisolated let front: FrontDescription
    /// Bytes of one release.
    public nonisolated let releaseLength: Int
    /// Channels, rows and columns of a release.
    public nonisolated let releaseShape: [Int]

    private init(_ session: Session, _ front: FrontDescription) {
        self.session = session
        self.front = front
        number = session.number()
        releaseLength = Int(session.releaseLength())
        releaseShape = session.releaseShape().map { Int($0) }
    }

    /// How a session runs and who pays; every part has a default.
    public struct Options: Sendable {
        /// Threads that the front may run on, 1 to 4. Releases are the same.
        public var threads: Int
        /// Charged before every release; nothing is counted where there is none.
        public var ledger: Ledger?
        /// Releases that are charged at a time. More than 1 waits for the disk less often; a crash
        /// forfeits what was not used.
        public var block: Int
        /// The size of every frame's crop, turned upright, where it is always the same. The receipt then
        /// says, too, what one pixel and one patch of the photograph cost: more than at the network's
        /// input where the crop is enlarged. A frame of another size is refused, as `frame`.
        public var pictures: PictureSize?

        /// One thread, no ledger, and pictures of any size.
        public init(
            threads: Int = 1, ledger: Ledger? = nil, block: Int = 1, pictures: PictureSize? = nil
        ) {
            self.threads = threads
            self.ledger = ledger
            self.block = block
            self.pictures = pictures
        }
    }

    /// Width and height of a picture, in pixels: of a frame's crop, turned upright.
    public struct PictureSize: Sendable, Hashable {
        /// Pixels in a row.
        public var width: Int
        /// Rows.
        public var height: Int

        /// So many pixels.
        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    /// Opens a model and a session on it. It reads files, away from the actor that asks.
    ///
    /// ```swift
    /// let budget = Budget(epsilon: 8, delta: 1e-5, unit: .image)
    /// let glass = try await Frostglass.open(
    ///     model, policy, Frostglass.Options(threads: 2, ledger: Ledger(file, budget: budget)))
    /// ```
    ///
    /// - Throws: ``FrostglassError`` of kind `model` for a file that cannot be used, `system` for one
    ///   that cannot be read, `cut` for a cut that is not there, `policy` where the policy does not fit
    ///   the cut, `threads`, and `budget` where a ledger's budget cannot hold such releases.
    public static func open(_ model: Model, _ policy: Policy, _ options: Options = Options())
        async throws(FrostglassError) -> Frostglass
    {
        try opened(model, policy, options)
    }

    static func opened(_ model: Model, _ policy: Policy, _ options: Options = Options())
        throws(FrostglassError) -> Frostglass
    {
        try translated {
            var settings = SessionOptions(
                threads: try unsigned("number of threads", options.threads, .threads),
                ledger: options.ledger?.native,
                block: try unsigned("number of releases in a block", options.block, .ledger))
            if let size = options.pictures {
                settings.pictures = .init(
                    width: try unsigned("width of a picture", size.width, .frame),
                    height: try unsigned("height of a picture", size.height, .frame))
            }
            let front = try Front.open(source: model.source(), policy: policy.native)
            let session = try Session.open(front: front, policy: policy.native, options: settings)
            return Frostglass(session, front.describe())
        }
    }

    /// What every release of this session promises, with the ledger's total where it charges to one.
    /// It stays on the device.
    ///
    /// - Throws: ``FrostglassError`` of kind `ledger` where the ledger cannot be read.
    public nonisolated func receipt() throws(FrostglassError) -> Receipt {
        try translated { try session.receipt() }
    }

    /// Room for a release of this session.
    public nonisolated func newRelease() -> Release {
        Release(length: releaseLength)
    }

    /// Makes a release of pixels, read where they lie: red, green, blue, alpha, colours already
    /// multiplied by alpha.
    ///
    /// - Parameters:
    ///   - pixels: `Data`, an array of bytes, or anything else that keeps them in one piece.
    ///   - width: Pixels in a row.
    ///   - height: Rows.
    ///   - crop: The part that is wanted, in the picture as it is stored; all of it where nil.
    ///   - rotationDegrees: The clockwise turn that makes it upright: 0, 90, 180 or 270.
    ///   - mirror: Whether left and right of the upright picture are exchanged.
    ///   - rowStride: Bytes from one row to the next; 0 where rows have no gaps.
    ///   - token: Names the release before its content is seen, so that the same call gives the same
    ///     bytes again; needs a ledger.
    /// - Throws: `CancellationError` where the task is cancelled before its turn comes; otherwise
    ///   ``FrostglassError`` of kind `frame` for a picture that cannot be read, `closed` after
    ///   ``close()``; with a ledger also `budget`, `ledger`, `busy` and `token`. The charge comes first:
    ///   what fails after it has cost.
    public func sanitize(
        _ pixels: some ContiguousBytes & Sendable, width: Int, height: Int, crop: Crop? = nil,
        rotationDegrees: Int = 0, mirror: Bool = false, rowStride: Int = 0, token: String? = nil
    ) throws -> Release {
        var release = newRelease()
        try sanitize(
            pixels, width: width, height: height, crop: crop, rotationDegrees: rotationDegrees,
            mirror: mirror, rowStride: rowStride, token: token, into: &release)
        return release
    }

    /// As the function that returns a release, but fills one that is there already. Give the same one
    /// again to take no new memory for it.
    ///
    /// - Throws: As the function that returns a release, and ``FrostglassError`` of kind `buffer` for a
    ///   release of another session.
    public func sanitize(
        _ pixels: some ContiguousBytes & Sendable, width: Int, height: Int, crop: Crop? = nil,
        rotationDegrees: Int = 0, mirror: Bool = false, rowStride: Int = 0, token: String? = nil,
        into release: inout Release
    ) throws {
        try Task.checkCancellation()
        try pixels.withUnsafeBytes { bytes in
            try fill(
                &release,
                with: .rgba8(bytes, width: width, height: height, rowStride: rowStride),
                crop: crop, rotationDegrees: rotationDegrees, mirror: mirror, token: token)
        }
    }

    /// Makes a release on the calling thread, of a picture that lies in memory of the app's, in memory
    /// of the app's: for code without tasks, and for pixels that only a pointer leads to.
    ///
    /// ```swift
    /// try pixels.withUnsafeBytes { bytes in
    ///     try glass.sanitize(.rgba8(bytes, width: 640, height: 480), into: room)
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - picture: The picture; its bytes stay as they are until the call ends.
    ///   - release: ``releaseLength`` bytes that are not the picture's.
    /// - Returns: Whether these bytes were made by an earlier call under the same token.
    /// - Throws: ``FrostglassError``, of kind `buffer` for room of another length.
    @discardableResult
    public nonisolated func sanitize(
        _ picture: Picture, crop: Crop? = nil, rotationDegrees: Int = 0, mirror: Bool = false,
        token: String? = nil, into release: UnsafeMutableRawBufferPointer
    ) throws(FrostglassError) -> Bool {
        try picture.sanitize(
            session: number, crop: crop, rotationDegrees: rotationDegrees, mirror: mirror,
            token: token, release: release)
    }

    /// Measures so many runs on a grey picture, with what the system tells of memory, energy and heat. No
    /// release is made of them, so nothing is charged.
    ///
    /// - Throws: ``FrostglassError`` of kind `closed` after ``close()``.
    public func profile(runs: Int = 100) throws(FrostglassError) -> Profile {
        let count = try unsigned("number of runs", runs, .frame)
        return try translated { try session.profile(runs: count, meters: meters) }
    }

    /// This session as one of those that a device may choose from.
    func candidate(runs: Int, psnr: Double?) throws(FrostglassError) -> Candidate {
        let count = try unsigned("number of runs", runs, .frame)
        return try translated { try session.candidate(runs: count, meters: meters, psnr: psnr) }
    }

    /// What the system tells of memory, energy and heat.
    private var meters: (any Meters)? {
        #if canImport(Darwin)
            AppleMeters()
        #else
            nil
        #endif
    }

    /// Ends the session: waits for the release in progress, wipes and frees what it held, and gives
    /// unused charges back to the ledger. Later calls answer `closed`; closing again does nothing.
    public nonisolated func close() {
        session.end()
    }

    /// Fills a release, whose bytes are copied first where somebody else has them too.
    func fill(
        _ release: inout Release, with picture: Picture, crop: Crop?, rotationDegrees: Int,
        mirror: Bool, token: String?
    ) throws {
        release.isResent = try release.bytes.withUnsafeMutableBytes { room in
            try sanitize(
                picture, crop: crop, rotationDegrees: rotationDegrees, mirror: mirror, token: token,
                into: room)
        }
    }
}
