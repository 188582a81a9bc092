"""Pictures of every layout, made here, as the core decodes them and as Pillow (libjpeg-turbo) does.

A picture that is read must be within three levels of Pillow's; what cannot be read must be refused
for the reason that its layout has.
"""

import io
import itertools
import json
import os
import struct
import subprocess
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from jpeg_writer import JFIF, Jpeg, adobe, segment
from PIL import Image, ImageOps

LEVELS = 3
# Gradients that differ in direction and reach: what is misplaced, or mixed up, shows.
PLANES = [
    lambda x, y: 60 + 90 * x + 70 * y,
    lambda x, y: 90 + 70 * x - 30 * y,
    lambda x, y: 170 - 40 * x - 50 * y,
]
EACH_ALONE = [([0], 0, 63, 0, 0), ([1], 0, 63, 0, 0), ([2], 0, 63, 0, 0)]
FIRST_ALONE = [([0], 0, 63, 0, 0), ([1, 2], 0, 63, 0, 0)]
LAST_ALONE = [([0, 1], 0, 63, 0, 0), ([2], 0, 63, 0, 0)]
BY_BANDS = [
    ([0, 1, 2], 0, 0, 0, 0),
    *(([member], first, last, 0, 0) for first, last in [(1, 5), (6, 63)] for member in (1, 2, 0)),
]
BY_BITS = [
    ([0, 1, 2], 0, 0, 0, 1),
    *(([member], 1, 63, 0, 0) for member in (0, 1, 2)),
    ([0, 1, 2], 0, 0, 1, 0),
]
APART_BY_BITS = [
    *(([member], 0, 0, 0, 1) for member in (2, 1, 0)),
    *(([member], 0, 0, 1, 0) for member in (0, 1, 2)),
    *(([member], 1, 63, 0, 0) for member in (0, 1, 2)),
]
SCRIPTS = [
    (0xC0, None),
    (0xC1, None),
    (0xC0, EACH_ALONE),
    (0xC0, FIRST_ALONE),
    (0xC0, LAST_ALONE),
    (0xC2, BY_BANDS),
    (0xC2, BY_BITS),
    (0xC2, APART_BY_BITS),
]


def colour(width, height, factors, **more) -> bytes:
    return Jpeg(width, height, PLANES, factors, **more).bytes()


def interleaves(factors, scans) -> bool:
    """Whether no coded unit has more than ten blocks (B.2.3)."""
    groups = [scan[0] for scan in scans or [([0, 1, 2],)]]
    blocks = [sum(factors[one][0] * factors[one][1] for one in group) for group in groups]
    return all(len(group) == 1 or n <= 10 for group, n in zip(groups, blocks, strict=True))


def samplings():
    sides = list(itertools.product((1, 2, 3, 4), repeat=2))
    for luma, chroma in itertools.product(sides, sides):
        factors = [luma, chroma, chroma]
        for number, (process, scans) in enumerate(SCRIPTS):
            if interleaves(factors, scans):
                size = [(37, 29), (50, 41), (16, 64)][(number + sum(luma)) % 3]
                restart = [0, 1, 3][(number + sum(chroma)) % 3]
                name = f"sampling-{luma}-{chroma}-{number}"
                more = {"process": process, "scans": scans, "restart": restart}
                yield name, colour(*size, factors, **more)
    for odd in [[(2, 2), (2, 1), (1, 2)], [(1, 1), (2, 2), (1, 2)], [(2, 1), (1, 2), (1, 1)]]:
        for number, (process, scans) in enumerate(SCRIPTS):
            name = f"sampling-{odd}-{number}"
            yield name, colour(45, 35, odd, process=process, scans=scans)


def sizes():
    for width, height in itertools.product([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 130], repeat=2):
        for factors in [(1, 1), (2, 1), (1, 2), (2, 2)]:
            number = (width + height + sum(factors)) % len(SCRIPTS)
            process, scans = SCRIPTS[number]
            more = {"process": process, "scans": scans}
            name = f"size-{width}x{height}-{factors}-{number}"
            yield name, colour(width, height, [factors, (1, 1), (1, 1)], **more)


def markers():
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>")
    short = segment(0xE0, b"JFIF\0\1\1\0\0\1")
    extension = segment(0xE0, b"JFXX\0\x10")
    parts = [b"", JFIF, short, JFIF + extension, xmp, *(adobe(transform) for transform in range(4))]
    for before, after in itertools.product(parts, parts):
        for names in [b"\1\2\3", b"\0\1\2", b"RGB", b"rgb", b"\1\x22\x23"]:
            name = f"markers-{parts.index(before)}-{parts.index(after)}-{names.hex()}"
            for order in {before + after, after + before}:
                yield (
                    f"{name}-a{order == before + after}",
                    colour(16, 16, [(1, 1)] * 3, before=order, names=names),
                )
            yield f"{name}-b", colour(16, 16, [(1, 1)] * 3, before=before, after=after, names=names)


def tables():
    for factors, restart, fill in itertools.product(
        [(1, 1), (2, 1), (2, 2)], [0, 1, 2, 5], [b"", b"\xff\xff"]
    ):
        for number, (process, scans) in enumerate(SCRIPTS):
            for option in ({"tables": False}, {"wide_tables": True, "quantum": [3, 300]}):
                if option.get("tables") is False and process == 0xC2:
                    # Motion JPEG is baseline.
                    continue
                name = f"tables-{factors}-{restart}-{len(fill)}-{number}-{[*option]}"
                more = {"process": process, "scans": scans, "restart": restart, "fill": fill}
                yield name, colour(40, 33, [factors, (1, 1), (1, 1)], **more, **option)


def gray():
    for factors in itertools.product((1, 2, 3, 4), repeat=2):
        for restart in (0, 2):
            gray = Jpeg(27, 35, PLANES[:1], [factors], names=b"\1", restart=restart)
            yield f"gray-{factors}-{restart}", gray.bytes()


def exif(value: int, kind: int, order: str, count: int = 1) -> bytes:
    form = {1: "B3x", 6: "b3x", 3: "H2x", 8: "h2x", 4: "I", 9: "i"}[kind]
    head = b"MM\0*" if order == ">" else b"II*\0"
    entry = struct.pack(f"{order}IHHHI{form}I", 8, 1, 0x0112, kind, count, value, 0)
    return head + entry


def orientations():
    for value, kind, order in itertools.product(range(10), [1, 3, 4, 6, 8, 9], "<>"):
        tag = segment(0xE1, b"Exif\0\0" + exif(value, kind, order))
        for place, (before, after) in enumerate(
            [(JFIF + tag, b""), (tag + JFIF, b""), (JFIF, tag)]
        ):
            jpeg = colour(24, 40, [(2, 2), (1, 1), (1, 1)], before=before, after=after)
            yield f"turn{value}-{kind}-{'LB'[order == '>']}-{place}", jpeg


def png(width, height, depth, kind, rows, chunks=(), interlace=0, after=()) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlace)
    out = b"\x89PNG\r\n\x1a\n"
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(rows)), *after, (b"IEND", b"")]
    for name, data in parts:
        out += struct.pack(">I", len(data)) + name + data
        out += struct.pack(">I", zlib.crc32(name + data))
    return out


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
ADAM7 += [(0, 1, 1, 2)]


def pngs():
    depths = {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
    draw = np.random.default_rng(7)
    for kind, (width, height) in itertools.product(depths, [(1, 1), (1, 9), (5, 3), (17, 12)]):
        for depth, interlace in itertools.product(depths[kind], (0, 1)):
            samples = draw.integers(0, 1 << depth, (height, width, channels[kind]))
            passes = ADAM7 if interlace else [(0, 0, 1, 1)]
            rows = b""
            for x, y, across, down in passes:
                part = samples[y::down, x::across]
                for row in part if part.size else []:
                    bits = "".join(format(value, f"0{depth}b") for value in row.ravel())
                    bits += "0" * (-len(bits) % 8)
                    rows += b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
            palette = [(b"PLTE", draw.bytes(3 << depth))] if kind == 3 else []
            clear = {0: samples[0, 0], 2: samples[0, 0], 3: None}
            extras = [[], [(b"gAMA", struct.pack(">I", 45455))], [(b"sRGB", b"\0")]]
            if kind in clear:
                value = (
                    draw.bytes(1 << depth)
                    if kind == 3
                    else struct.pack(f">{channels[kind]}H", *clear[kind])
                )
                extras.append([(b"tRNS", value)])
            for number, extra in enumerate(extras):
                chunks = [
                    *extra[: kind != 3 or number < 3],
                    *palette,
                    *extra[kind != 3 or number < 3 :],
                ]
                name = f"png-{kind}-{depth}-{width}x{height}-{interlace}-{number}"
                if number == 3 and kind != 3:
                    OPAQUE[name] = (samples != samples[0, 0]).any(2, keepdims=True)
                yield name, png(width, height, depth, kind, rows, chunks, interlace)
    rows = b"".join(b"\0" + draw.bytes(9) for _ in range(5))
    for value, kind, order, late in itertools.product(range(1, 9), [3, 4], "<>", (0, 1)):
        tag = [(b"eXIf", exif(value, kind, order))]
        file = png(3, 5, 8, 2, rows, *([()] if late else [tag]), after=tag if late else ())
        yield f"turn{value}-png-{kind}-{'LB'[order == '>']}-{late}", file


# Where pixels are not of the one colour that is transparent: Pillow compares that with samples
# scaled to eight bits, and misses it where they had two, four or sixteen.
OPAQUE: dict[str, np.ndarray] = {}
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def by_pillow(name: str, content: bytes) -> np.ndarray | None:
    """Upright red, green, blue on black; nothing where Pillow cannot read the picture."""
    try:
        picture = Image.open(io.BytesIO(content))
        picture.load()
    except OSError:
        return None
    if name.startswith("turn"):
        # Pillow reads SHORT and LONG alone; what the others say is the same.
        value = int(name[4:].split("-")[0])
        picture = picture.transpose(TURNS[value]) if value in TURNS else picture
    else:
        picture = ImageOps.exif_transpose(picture)
    if name in OPAQUE:
        picture.info.pop("transparency", None)
    if picture.mode.startswith("I"):
        # Sixteen bits of gray.
        gray = np.rint(np.asarray(picture, np.float64) / 257)
        return np.repeat(gray[:, :, None], 3, 2) * OPAQUE.get(name, 1)
    rgba = np.asarray(picture.convert("RGBA"), np.float64)
    return np.rint(rgba[..., :3] * rgba[..., 3:] / 255) * OPAQUE.get(name, 1)


REASONS = [
    "only whole multiples can be read",
    "less than 5 pixels wide",
    "neither the picture's finest nor its coarsest",
]


@pytest.mark.parametrize(
    "kind", [samplings, sizes, markers, tables, gray, orientations, pngs], ids=lambda k: k.__name__
)
def test_pictures_are_what_pillow_makes_of_them(tmp_path: Path, kind):
    pictures = dict(kind())
    assert len(pictures) > 30
    for name, content in pictures.items():
        (tmp_path / name).write_bytes(content)
    program = Path(os.environ["FROSTGLASS_BIN"]).parent / "examples" / "decode"
    done = subprocess.run([program, tmp_path], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(pictures)
    wrong, refused, worst, compared = [], Counter(), 0, 0
    for line in lines:
        name = line["file"]
        want = by_pillow(name, pictures[name])
        if "refused" in line:
            reason = next((reason for reason in REASONS if reason in line["refused"]), None)
            refused[reason] += 1
            if reason is None:
                wrong.append((name, line["refused"]))
            continue
        got = np.frombuffer((tmp_path / f"{name}.rgb").read_bytes(), np.uint8)
        got = got.reshape(line["height"], line["width"], 3)
        if want is None or want.shape != got.shape:
            wrong.append((name, "Pillow", None if want is None else want.shape))
            continue
        compared += 1
        difference = int(np.abs(want - got).max())
        worst = max(worst, difference)
        if difference > LEVELS:
            wrong.append((name, difference))
    print(f"{kind.__name__}: {compared} compared, at most {worst} levels apart; {dict(refused)}")
    assert not wrong, f"{len(wrong)} of {len(pictures)}: {wrong[:20]}"
