package dev.frostglass

/**
 * Width and height of a picture, in pixels: of a frame's crop, turned upright.
 *
 * @property width pixels in a row
 * @property height rows
 */
public data class PictureSize(public val width: Int, public val height: Int) {
    internal fun native(): dev.frostglass.ffi.PictureSize {
        if (width < 0 || height < 0) refuse(ErrorKind.FRAME, "a picture of $width x $height pixels is below 0")
        return dev.frostglass.ffi.PictureSize(width.toUInt(), height.toUInt())
    }
}
