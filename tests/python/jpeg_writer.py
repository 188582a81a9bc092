"""A small JPEG encoder that writes any layout of a frame (ITU-T T.81), for tests of decoders."""

import struct
from dataclasses import dataclass, field

import numpy as np

_Y, _X = np.mgrid[:8, :8]
_ZIGZAG = sorted(
    ((y, x) for y in range(8) for x in range(8)),
    key=lambda at: (at[0] + at[1], at[0] if (at[0] + at[1]) % 2 else at[1]),
)
_DCT = np.sqrt(np.where(_Y == 0, 0.125, 0.25)) * np.cos((2 * _X + 1) * _Y * np.pi / 16)


def _codes(counts: str, values: bytes) -> tuple[bytes, dict[int, tuple[int, int]]]:
    lengths, code, table = bytes.fromhex(counts), 0, {}
    rest = iter(values)
    for length, count in enumerate(lengths, 1):
        for _ in range(count):
            table[next(rest)] = (code, length)
            code += 1
        code <<= 1
    return lengths + values, table


# Tables K.3 to K.6 of the standard.
_DC = [
    _codes("00010501010101010100000000000000", bytes(range(12))),
    _codes("00030101010101010101010000000000", bytes(range(12))),
]
_AC = [
    _codes(
        "0002010303020403050504040000017d",
        bytes.fromhex(
            "01020300041105122131410613516107227114328191a1082342b1c11552d1f024336272"
            "82090a161718191a25262728292a3435363738393a434445464748494a53545556575859"
            "5a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3"
            "a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2"
            "e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
        ),
    ),
    _codes(
        "00020102040403040705040400010277",
        bytes.fromhex(
            "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d1"
            "0a162434e125f11718191a262728292a35363738393a434445464748494a535455565758"
            "595a636465666768696a737475767778797a82838485868788898a92939495969798999a"
            "a2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9da"
            "e2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa"
        ),
    ),
]


def segment(marker: int, contents: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(contents) + 2) + contents


JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")


def adobe(transform: int) -> bytes:
    return segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))


def _ceil(length: int, part: int) -> int:
    return -(-length // part)


class _Bits:
    def __init__(self):
        self.bits: list[str] = []

    def put(self, value: int, length: int):
        if length:
            self.bits.append(format(value, f"0{length}b"))

    def close(self) -> bytes:
        text = "".join(self.bits)
        text += "1" * (-len(text) % 8)
        self.bits = []
        data = int(text, 2).to_bytes(len(text) // 8, "big") if text else b""
        return data.replace(b"\xff", b"\xff\0")


@dataclass
class Jpeg:
    """One picture: `planes` are functions of x and y in 0..1 that give samples in 0..255."""

    width: int
    height: int
    planes: list
    factors: list[tuple[int, int]]
    names: bytes = b"\1\2\3"
    # Each scan: its components, first and last coefficient, high and low bit.
    scans: list | None = None
    process: int = 0xC0
    restart: int = 0
    tables: bool = True
    before: bytes = JFIF
    after: bytes = b""
    wide_tables: bool = False
    fill: bytes = b""
    quantum: list[int] = field(default_factory=lambda: [3, 5])

    def bytes(self) -> bytes:
        count = len(self.planes)
        most = [max(factor[side] for factor in self.factors) for side in (0, 1)]
        units = [_ceil(self.width, 8 * most[0]), _ceil(self.height, 8 * most[1])]
        frame = struct.pack(">BHHB", 8, self.height, self.width, count)
        blocks = []
        for plane, (h, v), name, index in zip(
            self.planes, self.factors, self.names, range(count), strict=False
        ):
            frame += bytes([name, h << 4 | v, min(index, 1)])
            y, x = np.mgrid[: units[1] * v * 8, : units[0] * h * 8] + 0.5
            samples = plane(x * most[0] / h / self.width, y * most[1] / v / self.height)
            samples = np.clip(samples, 0, 255) - 128
            tiles = samples.reshape(units[1] * v, 8, units[0] * h, 8).swapaxes(1, 2)
            coefficients = np.rint(_DCT @ tiles @ _DCT.T / self.quantum[min(index, 1)])
            blocks.append(np.stack([coefficients[:, :, y, x] for y, x in _ZIGZAG], -1).astype(int))
        out = b"\xff\xd8" + self.before
        for index, quantum in enumerate(self.quantum):
            table = (
                struct.pack(">64H", *[quantum] * 64) if self.wide_tables else bytes([quantum] * 64)
            )
            out += self.fill + segment(0xDB, bytes([index | 16 * self.wide_tables]) + table)
        out += segment(self.process, frame) + self.after
        if self.tables:
            for index in (0, 1):
                out += segment(0xC4, bytes([index]) + _DC[index][0])
                out += segment(0xC4, bytes([16 | index]) + _AC[index][0])
        if self.restart:
            out += segment(0xDD, struct.pack(">H", self.restart))
        for members, first, last, high, low in self.scans or [(range(count), 0, 63, 0, 0)]:
            header = bytes([len(members)])
            for member in members:
                header += bytes([self.names[member], 17 * min(member, 1)])
            out += self.fill + segment(0xDA, header + bytes([first, last, high << 4 | low]))
            out += self._scan(blocks, list(members), (first, last, high, low), most, units)
        return out + b"\xff\xd9"

    def _scan(self, blocks, members, part, most, units) -> bytes:
        out, bits, last_dc = b"", _Bits(), dict.fromkeys(members, 0)
        for done, mcu in enumerate(self._order(members, most, units)):
            if self.restart and done and done % self.restart == 0:
                out += bits.close() + bytes([0xFF, 0xD0 + (done // self.restart - 1) % 8])
                last_dc = dict.fromkeys(members, 0)
            for member, row, column in mcu:
                _block(bits, blocks[member][row, column], member, part, last_dc)
        return out + bits.close()

    def _order(self, members, most, units):
        """The blocks of each coded unit (A.2)."""
        if len(members) == 1:
            h, v = self.factors[members[0]]
            columns = _ceil(_ceil(self.width * h, most[0]), 8)
            rows = _ceil(_ceil(self.height * v, most[1]), 8)
            yield from ([(members[0], y, x)] for y in range(rows) for x in range(columns))
            return
        for unit_y in range(units[1]):
            for unit_x in range(units[0]):
                yield [
                    (member, unit_y * v + y, unit_x * h + x)
                    for member in members
                    for h, v in [self.factors[member]]
                    for y in range(v)
                    for x in range(h)
                ]


def _put(bits: _Bits, table: dict, symbol: int, value: int, size: int):
    bits.put(*table[symbol])
    bits.put(value if value >= 0 else value + (1 << size) - 1, size)


def _block(bits: _Bits, block, member: int, part, last_dc: dict):
    first, last, high, low = part
    kind = min(member, 1)
    if first == 0:
        dc = int(block[0]) >> low
        if high:
            bits.put(dc & 1, 1)
            return
        difference, last_dc[member] = dc - last_dc[member], dc
        size = abs(difference).bit_length()
        _put(bits, _DC[kind][1], size, difference, size)
    codes, run = _AC[kind][1], 0
    for coefficient in block[max(first, 1) : last + 1]:
        value = int(np.sign(coefficient)) * (abs(int(coefficient)) >> low)
        if value == 0:
            run += 1
            continue
        while run > 15:
            bits.put(*codes[0xF0])
            run -= 16
        size = abs(value).bit_length()
        _put(bits, codes, run << 4 | size, value, size)
        run = 0
    if run:
        bits.put(*codes[0])
