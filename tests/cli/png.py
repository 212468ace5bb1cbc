"""PNG files, for tests that give the command pictures or read its."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write(path, color, size=8):
    """A square of one colour (R, G, B)."""
    rows = (b"\0" + bytes(color) * size) * size
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    path.write_bytes(SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b""))


def size(path):
    """(width, height)"""
    return struct.unpack(">II", path.read_bytes()[16:24])


def _chunks(path):
    """(kind, data) of each."""
    data, at = path.read_bytes(), len(SIGNATURE)
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        yield kind, data[at + 8:at + 8 + length]
        at += 12 + length


def texts(path):
    """{keyword: text} of its tEXt chunks."""
    parts = (data.partition(b"\0") for kind, data in _chunks(path) if kind == b"tEXt")
    return {key.decode(): text.decode("latin-1") for key, _, text in parts}


def scan_lines(path):
    """Its pixels, unpacked and filtered."""
    return zlib.decompress(b"".join(data for kind, data in _chunks(path) if kind == b"IDAT"))
