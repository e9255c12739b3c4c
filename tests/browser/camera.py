"""A video of one still picture, in the format that Chromium's fake camera reads."""

import io
import pathlib

from PIL import Image

WIDTH, HEIGHT, FRAMES = 640, 480, 10


def write_video(path: pathlib.Path, picture: bytes) -> None:
    """Write a Y4M video of `picture` (PNG), as if it were held in front of the camera."""
    with Image.open(io.BytesIO(picture)) as opened:
        image = opened.convert("RGB")
        image.thumbnail((HEIGHT - 80, HEIGHT - 80))
        desk = Image.new("RGB", (WIDTH, HEIGHT), "#e8e8e8")
        desk.paste(image, ((WIDTH - image.width) // 2, (HEIGHT - image.height) // 2))
    y, cb, cr = desk.convert("YCbCr").split()
    half = (WIDTH // 2, HEIGHT // 2)
    frame = b"FRAME\n" + y.tobytes() + cb.resize(half).tobytes() + cr.resize(half).tobytes()
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420\n".encode() + frame * FRAMES)
