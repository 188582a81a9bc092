#if canImport(ImageIO)
    import ImageIO

    extension Orientation {
        /// As an image's properties say it.
        public init(_ orientation: CGImagePropertyOrientation) {
            self = Self(rawValue: orientation.rawValue) ?? .up
        }
    }
#endif

#if canImport(UIKit)
    import UIKit

    extension Orientation {
        /// As a `UIImage` says it, which numbers the same eight in another order.
        public init(_ orientation: UIImage.Orientation) {
            switch orientation {
            case .up: self = .up
            case .upMirrored: self = .upMirrored
            case .down: self = .down
            case .downMirrored: self = .downMirrored
            case .left: self = .left
            case .leftMirrored: self = .leftMirrored
            case .right: self = .right
            case .rightMirrored: self = .rightMirrored
            @unknown default: self = .up
            }
        }
    }
#endif
