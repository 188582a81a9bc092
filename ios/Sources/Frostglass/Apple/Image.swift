#if canImport(CoreGraphics)
    import CoreGraphics
    import Foundation

    extension Frostglass {
        /// Makes a release of an image. It is drawn once, in sRGB, into memory that is wiped afterwards.
        ///
        /// - Parameters:
        ///   - crop: The part that is wanted, in the picture as it is stored.
        ///   - orientation: How it is stored; of a `UIImage`, `Orientation(image.imageOrientation)`.
        /// - Throws: As for pixels; `frame` also for an image that cannot be drawn.
        public func sanitize(
            _ image: sending CGImage, crop: Crop? = nil, orientation: Orientation = .up,
            token: String? = nil
        ) throws -> Release {
            try Task.checkCancellation()
            let (width, height) = (image.width, image.height)
            let (length, isTooLong) = (4 * width).multipliedReportingOverflow(by: height)
            guard width > 0, height > 0, !isTooLong else {
                throw FrostglassError(.frame, "the image has no pixels, or too many")
            }
            let pixels = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 16)
            pixels.initializeMemory(as: UInt8.self, repeating: 0)
            defer {
                // Pixels are not left in memory that nobody sees.
                memset_s(pixels.baseAddress!, length, 0, length)
                pixels.deallocate()
            }
            guard
                let colours = CGColorSpace(name: CGColorSpace.sRGB),
                let context = CGContext(
                    data: pixels.baseAddress, width: width, height: height, bitsPerComponent: 8,
                    bytesPerRow: 4 * width, space: colours,
                    bitmapInfo: CGImageAlphaInfo.premultipliedLast.rawValue)
            else { throw FrostglassError(.frame, "the image cannot be drawn in sRGB") }
            context.draw(image, in: CGRect(x: 0, y: 0, width: width, height: height))
            var release = newRelease()
            try fill(
                &release,
                with: .rgba8(UnsafeRawBufferPointer(pixels), width: width, height: height),
                crop: crop, rotationDegrees: orientation.rotationDegrees,
                mirror: orientation.isMirrored, token: token)
            return release
        }
    }
#endif
