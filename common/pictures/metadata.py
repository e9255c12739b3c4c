"""Stripping a picture's file of all its pixels do not need: place, camera, names, comments, thumbnails, trailing data.

Bytes in, bytes out, nothing decoded: pixels and colour profile stay as they are. The orientation is kept in
a minimal record of its own. Only files that were decoded without an error come here.
"""

import struct
import zlib
from collections.abc import Iterator

from PIL import Image

ORIENTATION = 0x0112
_PNG = b"\x89PNG\r\n\x1a\n"
# Without those of animations: Willow opens none, so the first frame is the picture.
_PNG_CHUNKS = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs cICP".split())
_WEBP_CHUNKS = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04
_GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def strip(data: bytes, form: str, orientation: int = 1) -> bytes:
    """Return the file of a picture without its metadata. `form` is Pillow's name: JPEG, MPO, PNG, GIF or WEBP."""
    exif = _exif(orientation) if orientation in range(2, 9) else b""
    if form in ("JPEG", "MPO"):
        return b"".join(_jpeg(data, exif))
    if form == "PNG":
        return b"".join(_png(data, exif))
    if form == "WEBP":
        return _webp(data, exif)
    return b"".join(_gif(data))


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif.tobytes().removeprefix(b"Exif\0\0")


def _jpeg(data: bytes, exif: bytes) -> Iterator[bytes]:
    """Keep what decodes: tables, frames, scans, JFIF, Adobe's marker, the colour profile; end at the end marker."""
    yield data[:2]
    if exif:
        body = b"Exif\0\0" + exif
        yield b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    at = 2
    while at < len(data) - 1:
        marker = data[at + 1]
        if marker in (0xFF, 0x00) or data[at] != 0xFF:
            at += 1
        elif marker == 0xD9:
            break
        elif marker == 0xDA:
            end = _end_of_scan(data, at + 2)
            yield data[at:end]
            at = end
        else:
            end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            if _is_needed(marker, data[at + 4 : at + 20]):
                yield data[at:end]
            at = end
    yield b"\xff\xd9"


def _is_needed(marker: int, head: bytes) -> bool:
    if marker == 0xE0:
        return head.startswith(b"JFIF\0")
    if marker == 0xE2:
        return head.startswith(b"ICC_PROFILE\0")
    if marker == 0xEE:
        return head.startswith(b"Adobe")
    return not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _end_of_scan(data: bytes, at: int) -> int:
    """Return where the next marker begins that is neither a restart nor a stuffed byte."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        if data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
            at += 2
        elif data[at + 1] == 0xFF:
            at += 1
        else:
            return at


def _png(data: bytes, exif: bytes) -> Iterator[bytes]:
    yield _PNG
    at = len(_PNG)
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"IDAT" and exif:
            yield _png_chunk(b"eXIf", exif)
            exif = b""
        if kind in _PNG_CHUNKS:
            yield data[at : at + 12 + size]
        at += 12 + size
        if kind == b"IEND":
            return


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _webp(data: bytes, exif: bytes) -> bytes:
    chunks, at = [], 12
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= end:
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if kind == b"VP8X":
            flags = (body[0] & ~(_WEBP_EXIF | _WEBP_XMP)) | (_WEBP_EXIF if exif else 0)
            body = bytes([flags]) + body[1:]
        if kind in _WEBP_CHUNKS:
            chunks.append(_riff(kind, body))
        at += 8 + size + (size & 1)
    if exif and chunks and chunks[0].startswith(b"VP8X"):
        chunks.append(_riff(b"EXIF", exif))
    rest = b"WEBP" + b"".join(chunks)
    return b"RIFF" + len(rest).to_bytes(4, "little") + rest


def _riff(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + (b"\0" if len(body) & 1 else b"")


def _gif(data: bytes) -> Iterator[bytes]:
    """Keep pictures, their timing and how often they repeat."""
    at = 13 + _table(data[10])
    yield data[:at]
    while at < len(data):
        start = at
        if data[at] == 0x2C:
            at = _end_of_blocks(data, at + 11 + _table(data[at + 9]))
            yield data[start:at]
        elif data[at] == 0x21:
            at = _end_of_blocks(data, at + 2)
            if data[start + 1] == 0xF9 or (data[start + 1] == 0xFF and data[start + 3 : start + 14] in _GIF_LOOPS):
                yield data[start:at]
        else:
            break
    yield b";"


def _table(flags: int) -> int:
    """Return the length of a table of colours."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1
