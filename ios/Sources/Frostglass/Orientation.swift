/// How a picture is stored, numbered as in EXIF; the names are those of `CGImagePropertyOrientation`.
public enum Orientation: UInt32, CaseIterable, Sendable {
    case up = 1
    case upMirrored = 2
    case down = 3
    case downMirrored = 4
    case leftMirrored = 5
    case right = 6
    case rightMirrored = 7
    case left = 8

    /// The clockwise turn that makes it upright, but for the mirror.
    public var rotationDegrees: Int {
        switch self {
        case .up, .upMirrored: 0
        case .right, .leftMirrored: 90
        case .down, .downMirrored: 180
        case .left, .rightMirrored: 270
        }
    }

    /// Whether left and right are exchanged after the turn.
    public var isMirrored: Bool {
        switch self {
        case .up, .right, .down, .left: false
        case .upMirrored, .leftMirrored, .downMirrored, .rightMirrored: true
        }
    }
}
