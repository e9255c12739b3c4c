"""Picture files, ordinary, unusual and broken, built in memory."""

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageCms

PLACE = b"52.3702"
CAMERA = "Spy 3000"


def noise(size: tuple[int, int] = (400, 300), mode: str = "RGB") -> Image.Image:
    """Return a picture that compresses badly, so that half the file is half the picture."""
    grey = Image.effect_noise(size, 60)
    if mode.startswith(("I", "F")):
        return grey.convert("I").point(lambda value: value * 256).convert(mode) if mode != "F" else grey.convert("F")
    return grey.convert("RGB").convert(mode)


def file_of(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    """Return the file of a picture."""
    output = BytesIO()
    picture.save(output, form, **options)
    return output.getvalue()


def private_exif(orientation: int | None = None) -> bytes:
    """Return a camera's EXIF data: place, camera, author and orientation."""
    exif = Image.Exif()
    exif[0x0110] = CAMERA
    exif[0x013B] = PLACE.decode()
    if orientation:
        exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 22.0, 12.0)})
    return exif.tobytes()


def png_of(width: int, height: int, *, depth: int = 8, colour: int = 2, rows: bytes | None = None) -> bytes:
    """Build a PNG by hand, with sizes and depths that Pillow does not write."""
    samples = {0: 1, 2: 3, 4: 2, 6: 4}[colour] * depth // 8
    body = (b"\0" + b"\x7f" * (samples * width)) * height if rows is None else rows
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(body)), (b"IEND", b"")]
    made = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def animation(form: str) -> bytes:
    """Return an animation of three frames."""
    frames = [noise((80, 60)) for _ in range(3)]
    options = {"save_all": True, "append_images": frames[1:], "duration": 100, "loop": 0}
    return file_of(frames[0], form, **options)


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

# Each is a picture that is accepted and that every page can show.
ODD = {
    "16-bit-grey.png": file_of(noise(mode="I;16")),
    "16-bit-colour.png": png_of(40, 30, depth=16, colour=2),
    "16-bit-grey-alpha.png": png_of(40, 30, depth=16, colour=4),
    "16-bit-colour-alpha.png": png_of(40, 30, depth=16, colour=6),
    "grey-alpha.png": file_of(noise(mode="LA")),
    "one-bit.png": file_of(noise(mode="1")),
    "palette.png": file_of(noise(mode="P")),
    "palette-alpha.png": file_of(noise(mode="P"), transparency=bytes(range(256))),
    "palette-one-clear.gif": file_of(noise(mode="P"), "GIF", transparency=0),
    "clear-colour.png": file_of(noise(), transparency=(1, 2, 3)),
    "cmyk.jpg": file_of(noise(mode="CMYK"), "JPEG"),
    "cmyk-wrong-profile.jpg": file_of(noise(mode="CMYK"), "JPEG", icc_profile=SRGB),
    "broken-profile.jpg": file_of(noise(), "JPEG", icc_profile=b"nonsense" * 40),
    "broken-profile.png": file_of(noise(), icc_profile=b"nonsense" * 40),
    "broken-profile.webp": file_of(noise(), "WEBP", icc_profile=b"nonsense" * 40),
    "grey-wrong-profile.jpg": file_of(noise(mode="L"), "JPEG", icc_profile=SRGB),
    "progressive.jpg": file_of(noise(), "JPEG", progressive=True),
    "animated.gif": animation("GIF"),
    "animated.png": animation("PNG"),
    "animated.webp": animation("WEBP"),
    "lossless.webp": file_of(noise(mode="RGBA"), "WEBP", lossless=True),
    "dot.png": file_of(noise((1, 1))),
    "line.png": file_of(noise((3000, 1))),
    "pole.png": file_of(noise((1, 3000))),
    "photo.heic": file_of(noise(), "HEIF"),
    "photo.avif": file_of(noise(), "AVIF"),
}
# No page could show any of these.
BROKEN = {
    "half.jpg": file_of(noise(), "JPEG")[:9000],
    "half.png": file_of(noise())[:9000],
    "half.webp": file_of(noise(), "WEBP")[:3000],
    "half.heic": file_of(noise(), "HEIF")[:3000],
    "half.avif": file_of(noise(), "AVIF")[:3000],
    "head.png": file_of(noise())[:60],
    "rubbish.png": b"\x89PNG\r\n\x1a\n" + b"0" * 50,
    "rubbish.gif": b"GIF89a" + b"\xff" * 10,
    "rubbish.webp": b"RIFF\x00\x00\x00\x00WEBPVP8 " + b"\x00" * 40,
    "text.png": b"hello",
    "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "float.png": file_of(noise(mode="F"), "TIFF"),
    "nothing.png": b"",
    "no-size.png": png_of(0, 0),
    "no-size.gif": b"GIF89a" + b"\0" * 7 + b",\0\0\0\0\0\0\0\0\0\x02\0;",
    "no-rows.png": png_of(40, 30, rows=b""),
    "bomb.png": png_of(20_000, 20_000, rows=b""),
    "forty-one-megapixels.png": png_of(8200, 5000, rows=b""),
}
