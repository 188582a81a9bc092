/* Pixels in, releases out: what Swift and C call beside the interface that UniFFI makes.
 *
 * Sessions are opened and closed there, and known here by their number. Everything in this file may
 * be called from any thread. Nothing is copied; in a session that has seen one picture of a size,
 * nothing is allocated for the next.
 */
#ifndef FROSTGLASS_H
#define FROSTGLASS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the bytes of a picture make pixels. */
enum {
    FROSTGLASS_RGBA8 = 0,
    FROSTGLASS_BGRA8 = 1,
    FROSTGLASS_RGB8 = 2,
    FROSTGLASS_GRAY8 = 3,
    FROSTGLASS_YUV420 = 4
};

/* What the fourth byte of RGBA and BGRA means. Pixels are composed on black. */
enum {
    FROSTGLASS_ALPHA_PREMULTIPLIED = 0,
    FROSTGLASS_ALPHA_STRAIGHT = 1,
    FROSTGLASS_ALPHA_OPAQUE = 2
};

/* How luma and chroma make colours. */
enum {
    FROSTGLASS_BT601_FULL = 0,
    FROSTGLASS_BT601_LIMITED = 1,
    FROSTGLASS_BT709_FULL = 2,
    FROSTGLASS_BT709_LIMITED = 3
};

/* What a call gives when it made a release; otherwise it gives minus an error kind. */
enum {
    FROSTGLASS_MADE = 0,
    FROSTGLASS_RESENT = 1 /* made earlier under the same token: the same bytes, at no cost */
};

/* What went wrong. The list may grow; a number keeps its meaning. */
enum {
    FROSTGLASS_ERROR_FRAME = 1,
    FROSTGLASS_ERROR_MODEL = 2,
    FROSTGLASS_ERROR_CUT = 3,
    FROSTGLASS_ERROR_POLICY = 4,
    FROSTGLASS_ERROR_ACTIVATIONS = 5,
    FROSTGLASS_ERROR_RELEASE = 6,
    FROSTGLASS_ERROR_BUFFER = 7,
    FROSTGLASS_ERROR_BUDGET = 8,
    FROSTGLASS_ERROR_LEDGER = 9,
    FROSTGLASS_ERROR_TOKEN = 10,
    FROSTGLASS_ERROR_BUSY = 11,
    FROSTGLASS_ERROR_THREADS = 12,
    FROSTGLASS_ERROR_CLOSED = 13,
    FROSTGLASS_ERROR_SYSTEM = 14,
    FROSTGLASS_ERROR_INTERNAL = 15
};

/* One plane of a picture. Its bytes must stay as they are until the call ends. */
typedef struct FrostglassPlane {
    const uint8_t *bytes; /* null where a picture has no such plane */
    size_t length;        /* bytes that may be read */
    size_t row_stride;    /* bytes from row to row; 0 in a one-plane picture: no gaps */
    size_t pixel_stride;  /* bytes from sample to sample, in YUV planes */
} FrostglassPlane;

/* A picture. The crop is taken as the picture is stored, then it is turned, then mirrored. */
typedef struct FrostglassPicture {
    int32_t format;
    int32_t meaning; /* of alpha, or of luma and chroma */
    size_t width;
    size_t height;
    FrostglassPlane planes[3]; /* the first alone, or Y, U, V */
    int32_t cropped;           /* 0: the whole picture, whatever stands below */
    size_t crop_x;
    size_t crop_y;
    size_t crop_width;
    size_t crop_height;
    int32_t rotation_degrees; /* clockwise: 0, 90, 180, 270 */
    int32_t mirror;           /* not 0: left and right are exchanged */
} FrostglassPicture;

/* Room for the reason of a refusal: UTF-8, ended by a zero. */
typedef struct FrostglassReason {
    char text[512];
} FrostglassReason;

/* Makes a release of `picture` and writes it to `release`, which must be as long as a release of the
 * session. `token` is null, or names the release, so that the same call gives the same bytes again.
 * `reason` may be null. On an error nothing is written to `release`. */
int32_t frostglass_sanitize(uint64_t session, const FrostglassPicture *picture, const char *token,
                            uint8_t *release, size_t release_length, FrostglassReason *reason);

#ifdef FROSTGLASS_LAB
/* The noise of the session's next release comes from `seed`. In a lab build alone, and never in what
 * ships: it makes noise predictable. 0, or minus an error kind. */
int32_t frostglass_lab_seed(uint64_t session, uint64_t seed);
/* How many nanoseconds a release takes when the library itself calls for it: the median of `count`
 * calls, or minus an error kind. What another language adds is measured against it. */
int64_t frostglass_lab_median(uint64_t session, const FrostglassPicture *picture, uint8_t *release,
                              size_t release_length, uint32_t count);
/* The mark of a lab build; it does nothing. */
void frostglass_lab_build(void);
#endif

#ifdef __cplusplus
}
#endif

#endif
