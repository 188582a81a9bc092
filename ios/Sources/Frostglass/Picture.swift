import frostglassFFI

/// A part of a picture, in pixels of the picture as it is stored.
public struct Crop: Hashable, Sendable {
    /// Columns left of it.
    public var x: Int
    /// Rows above it.
    public var y: Int
    /// Its columns.
    public var width: Int
    /// Its rows.
    public var height: Int

    /// A part of so many columns and rows.
    public init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// What the fourth byte of a pixel means. Pixels are composed on black.
public enum Alpha: Int32, Sendable {
    /// Colours are multiplied by it already.
    case premultiplied = 0
    /// Colours are as they are without it.
    case straight = 1
    /// Nothing.
    case opaque = 2
}

/// How luma and chroma make colours.
public enum YUVEncoding: Int32, Sendable {
    case bt601Full = 0
    case bt601Limited = 1
    case bt709Full = 2
    case bt709Limited = 3
}

/// One plane of a picture. Its bytes stay as they are until the call ends.
public struct Plane {
    /// All bytes that may be read.
    public var bytes: UnsafeRawBufferPointer
    /// Bytes from one row to the next.
    public var rowStride: Int
    /// Bytes from one sample to the next.
    public var pixelStride: Int

    /// A plane that lies in these bytes.
    public init(_ bytes: UnsafeRawBufferPointer, rowStride: Int, pixelStride: Int) {
        self.bytes = bytes
        self.rowStride = rowStride
        self.pixelStride = pixelStride
    }

    var native: FrostglassPlane {
        FrostglassPlane(
            bytes: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), length: bytes.count,
            row_stride: rowStride, pixel_stride: pixelStride)
    }
}

/// A picture that lies in memory of the app's and is read there.
public struct Picture {
    private var native: FrostglassPicture

    private init(
        format: Int, meaning: Int32, width: Int, height: Int,
        planes: (FrostglassPlane, FrostglassPlane, FrostglassPlane)
    ) {
        native = FrostglassPicture()
        native.format = Int32(format)
        native.meaning = meaning
        native.width = width
        native.height = height
        native.planes = planes
    }

    private static func onePlane(
        _ format: Int, _ bytes: UnsafeRawBufferPointer, _ width: Int, _ height: Int,
        _ rowStride: Int, _ alpha: Alpha
    ) -> Self {
        let plane = Plane(bytes, rowStride: rowStride, pixelStride: 0).native
        let planes = (plane, FrostglassPlane(), FrostglassPlane())
        return Self(
            format: format, meaning: alpha.rawValue, width: width, height: height, planes: planes)
    }

    /// Four bytes a pixel: red, green, blue, alpha. A `rowStride` of 0 says that rows have no gaps.
    public static func rgba8(
        _ bytes: UnsafeRawBufferPointer, width: Int, height: Int, rowStride: Int = 0,
        alpha: Alpha = .premultiplied
    ) -> Self {
        onePlane(FROSTGLASS_RGBA8, bytes, width, height, rowStride, alpha)
    }

    /// Four bytes a pixel: blue, green, red, alpha.
    public static func bgra8(
        _ bytes: UnsafeRawBufferPointer, width: Int, height: Int, rowStride: Int = 0,
        alpha: Alpha = .premultiplied
    ) -> Self {
        onePlane(FROSTGLASS_BGRA8, bytes, width, height, rowStride, alpha)
    }

    /// One byte a pixel.
    public static func gray8(
        _ bytes: UnsafeRawBufferPointer, width: Int, height: Int, rowStride: Int = 0
    ) -> Self {
        onePlane(FROSTGLASS_GRAY8, bytes, width, height, rowStride, .opaque)
    }

    /// A camera's picture: luma, and two planes of chroma at half the size, rounded up.
    public static func yuv420(
        y: Plane, u: Plane, v: Plane, encoding: YUVEncoding, width: Int, height: Int
    ) -> Self {
        Self(
            format: FROSTGLASS_YUV420, meaning: encoding.rawValue, width: width, height: height,
            planes: (y.native, u.native, v.native))
    }

    /// Makes a release of it, and says whether the bytes were made before.
    func sanitize(
        session: UInt64, crop: Crop?, rotationDegrees: Int, mirror: Bool, token: String?,
        release: UnsafeMutableRawBufferPointer
    ) throws(FrostglassError) -> Bool {
        var picture = native
        if let crop {
            picture.cropped = 1
            picture.crop_x = crop.x
            picture.crop_y = crop.y
            picture.crop_width = crop.width
            picture.crop_height = crop.height
        }
        picture.rotation_degrees = Int32(clamping: rotationDegrees)
        picture.mirror = mirror ? 1 : 0
        let out = release.baseAddress?.assumingMemoryBound(to: UInt8.self)

        var reason = FrostglassReason()
        let given: Int32
        if let token {
            // C would end it there.
            if token.utf8.contains(0) {
                throw FrostglassError(.token, "a token holds no zero byte, and this one does")
            }
            given = token.withCString {
                frostglass_sanitize(session, &picture, $0, out, release.count, &reason)
            }
        } else {
            given = frostglass_sanitize(session, &picture, nil, out, release.count, &reason)
        }
        if given < 0 {
            let text = withUnsafeBytes(of: &reason) { text in
                String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
            }
            throw FrostglassError(ErrorKind(rawValue: -given) ?? .internal, text)
        }
        return given == FROSTGLASS_RESENT
    }
}
