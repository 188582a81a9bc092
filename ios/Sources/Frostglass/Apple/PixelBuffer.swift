#if canImport(CoreVideo)
    import CoreVideo
    import Foundation

    extension Frostglass {
        /// Makes a release of a camera's picture, read where it lies: 32BGRA, or 420YpCbCr8BiPlanar in
        /// either range.
        ///
        /// - Parameters:
        ///   - crop: The part that is wanted, in the picture as it is stored.
        ///   - orientation: How it is stored.
        /// - Throws: As for pixels; `frame` also for another format, and for a buffer that cannot be
        ///   locked.
        public func sanitize(
            _ buffer: sending CVPixelBuffer, crop: Crop? = nil, orientation: Orientation = .up,
            token: String? = nil
        ) throws -> Release {
            try Task.checkCancellation()
            guard CVPixelBufferLockBaseAddress(buffer, .readOnly) == kCVReturnSuccess else {
                throw FrostglassError(.frame, "the pixel buffer cannot be locked for reading")
            }
            defer { CVPixelBufferUnlockBaseAddress(buffer, .readOnly) }
            var release = newRelease()
            try fill(
                &release, with: Picture(locked: buffer), crop: crop,
                rotationDegrees: orientation.rotationDegrees, mirror: orientation.isMirrored,
                token: token)
            return release
        }
    }

    extension Picture {
        /// The picture in a buffer that stays locked while it is used.
        init(locked buffer: CVPixelBuffer) throws(FrostglassError) {
            let (width, height) = (CVPixelBufferGetWidth(buffer), CVPixelBufferGetHeight(buffer))
            switch CVPixelBufferGetPixelFormatType(buffer) {
            case kCVPixelFormatType_32BGRA:
                let stride = CVPixelBufferGetBytesPerRow(buffer)
                let start = CVPixelBufferGetBaseAddress(buffer)
                let bytes = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : stride * height)
                self = .bgra8(bytes, width: width, height: height, rowStride: stride, alpha: .opaque)
            case kCVPixelFormatType_420YpCbCr8BiPlanarFullRange:
                self.init(planes: buffer, width, height, isFullRange: true)
            case kCVPixelFormatType_420YpCbCr8BiPlanarVideoRange:
                self.init(planes: buffer, width, height, isFullRange: false)
            default:
                throw FrostglassError(
                    .frame, "the pixel buffer's format is none of 32BGRA and 420YpCbCr8BiPlanar")
            }
        }

        private init(
            planes buffer: CVPixelBuffer, _ width: Int, _ height: Int, isFullRange: Bool
        ) {
            func plane(_ index: Int, pixelStride: Int) -> Plane {
                let stride = CVPixelBufferGetBytesPerRowOfPlane(buffer, index)
                let start = CVPixelBufferGetBaseAddressOfPlane(buffer, index)
                let count = start == nil ? 0 : stride * CVPixelBufferGetHeightOfPlane(buffer, index)
                let bytes = UnsafeRawBufferPointer(start: start, count: count)
                return Plane(bytes, rowStride: stride, pixelStride: pixelStride)
            }
            let blue = plane(1, pixelStride: 2)
            var red = blue
            // Blue and red difference take turns.
            red.bytes = UnsafeRawBufferPointer(rebasing: blue.bytes.dropFirst())
            let matrix = CVBufferCopyAttachment(buffer, kCVImageBufferYCbCrMatrixKey, nil) as? String
            let is709 = matrix == kCVImageBufferYCbCrMatrix_ITU_R_709_2 as String
            let encoding: YUVEncoding =
                switch (is709, isFullRange) {
                case (true, true): .bt709Full
                case (true, false): .bt709Limited
                case (false, true): .bt601Full
                case (false, false): .bt601Limited
                }
            self = .yuv420(
                y: plane(0, pixelStride: 1), u: blue, v: red, encoding: encoding, width: width,
                height: height)
        }
    }
#endif
