"""Generate the demo shop's pictures; running the shop does not need this.

    npm pack @iconify-json/fluent-emoji@1.2.7 && tar xzf iconify-json-fluent-emoji-1.2.7.tgz
    python -m storefront.demo.generator.compose package/icons.json [scene ...]

Draws each scene with resvg and Pillow and writes WebP files of 1200 x 900 on a transparent background
(the page's tile shows through, light or dark), with the product in the middle 900 x 900.
"""

import io
import json
import sys
import tempfile
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFilter
from resvg_py import svg_to_bytes

from storefront.demo.generator.drawings import own_drawing
from storefront.demo.generator.scenes import HERO, LYING, SCENES, STANDING, Item

HERE = Path(__file__).resolve().parent
FONTS = HERE.parent.parent / "static" / "fonts"
OUT = HERE.parent / "pictures"
BOARD, WIDTH, HEIGHT = 1000, 1200, 900
SHADOW = (16, 26, 66)


class Studio:
    """A painter of single objects; it holds the icon set and the two fonts in a form resvg can read."""

    def __init__(self, icons: Path, folder: Path) -> None:
        self.icons = json.loads(icons.read_text())["icons"]
        self.fonts = [
            self._font("sofia-xcond-latin-800.woff2", "ZernoDisplay", folder),
            self._font("golos-text-latin-600.woff2", "ZernoText", folder),
        ]

    def _font(self, name: str, family: str, folder: Path) -> str:
        font = TTFont(FONTS / name)
        font.flavor = None
        for record in font["name"].names:
            if record.nameID in (1, 16):
                record.string = family
        path = folder / f"{family}.ttf"
        font.save(path)
        return str(path)

    def draw(self, name: str, size: int) -> Image.Image:
        """Return the drawing `name`, recoloured if given as "name@hue,saturation,value"."""
        name, _, colour = name.partition("@")
        own = own_drawing(name)
        body, box = (own, "0 0 320 320") if own else (self.icons[name]["body"], "0 0 32 32")
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{box}">{body}</svg>'
        data = bytes(svg_to_bytes(svg_string=svg, width=size, height=size, font_files=self.fonts))
        image = Image.open(io.BytesIO(data)).convert("RGBA")
        return recolour(image, *map(float, colour.split(","))) if colour else image


def recolour(image: Image.Image, hue: float, saturation: float, value: float) -> Image.Image:
    """Rotate the hue by degrees and scale saturation and value."""
    red, green, blue, alpha = image.split()
    hues, saturations, values = Image.merge("RGB", (red, green, blue)).convert("HSV").split()
    hues = hues.point(lambda x: (x + int(hue / 360 * 255)) % 256)
    saturations = saturations.point(lambda x: min(255, int(x * saturation)))
    values = values.point(lambda x: min(255, int(x * value)))
    red, green, blue = Image.merge("HSV", (hues, saturations, values)).convert("RGB").split()
    return Image.merge("RGBA", (red, green, blue, alpha))


def compose(
    studio: Studio, items: list[Item], lying: bool, size: tuple[int, int], strength: float = 1.0
) -> Image.Image:
    """Draw the items on their shadows, the first at the back."""
    board = Image.new("RGBA", size)
    for name, extent, x, y, turn in items:
        drawing = studio.draw(name, extent)
        if turn:
            drawing = drawing.rotate(turn, resample=Image.Resampling.BICUBIC, expand=True)
        layer = Image.new("RGBA", size)
        layer.paste(drawing, (x - drawing.width // 2, y - drawing.height // 2), drawing)
        for mask, opacity in _shadows(layer, extent, lying):
            shadow = Image.new("RGBA", size, (*SHADOW, 0))
            shadow.putalpha(mask.point(lambda v, o=opacity: int(v * o * strength)))
            board.alpha_composite(shadow)
        board.alpha_composite(layer)
    return board


def _shadows(layer: Image.Image, extent: int, lying: bool) -> list[tuple[Image.Image, float]]:
    blur = ImageFilter.GaussianBlur
    if lying:
        alpha = layer.getchannel("A")
        near, far = Image.new("L", layer.size), Image.new("L", layer.size)
        near.paste(alpha, (0, int(extent * 0.035)))
        far.paste(alpha, (int(-extent * 0.01), int(extent * 0.09)))
        return [(near.filter(blur(extent * 0.03)), 0.30), (far.filter(blur(extent * 0.075)), 0.20)]
    left, _, right, foot = layer.getbbox() or (0, 0, 1, 1)
    width, middle = right - left, (left + right) / 2
    near, far = Image.new("L", layer.size), Image.new("L", layer.size)
    ImageDraw.Draw(near).ellipse(
        [middle - width * 0.34, foot - width * 0.075, middle + width * 0.34, foot + width * 0.03], fill=255
    )
    ImageDraw.Draw(far).ellipse(
        [middle - width * 0.48, foot - width * 0.13, middle + width * 0.52, foot + width * 0.09], fill=255
    )
    return [(near.filter(blur(extent * 0.03)), 0.26), (far.filter(blur(extent * 0.07)), 0.17)]


def main(icons: Path, only: list[str]) -> None:
    """Write the scenes named in `only`, or every scene, and the hero."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(icons, Path(folder))
        for name, (items, lying) in SCENES.items():
            if only and name not in only:
                continue
            square = compose(studio, items, LYING if lying else STANDING, (BOARD, BOARD))
            picture = Image.new("RGBA", (WIDTH, HEIGHT))
            picture.alpha_composite(
                square.resize((HEIGHT, HEIGHT), Image.Resampling.LANCZOS), ((WIDTH - HEIGHT) // 2, 0)
            )
            picture.save(OUT / f"{name}.webp", quality=82, method=6)
        hero = compose(studio, HERO, STANDING, (1100, 900), strength=1.5)
        hero = hero.crop(hero.getbbox())
        hero = hero.resize((1000, round(1000 * hero.height / hero.width)), Image.Resampling.LANCZOS)
        hero.save(OUT / "hero.webp", quality=82, method=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
