"""Make the fonts of PDF documents from those of the site: one TTF file for each weight.

Figures are the tabular ones, so that columns of them align; no other layout feature is kept.

Needs the packages of requirements-demo.txt. From the repository's root:
    python -m storefront.demo.generator.document_fonts
"""

import pathlib
from tempfile import TemporaryDirectory

from fontTools.merge import Merger, Options
from fontTools.pens.filterPen import DecomposingFilterPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options as SubsetOptions
from fontTools.subset import Subsetter
from fontTools.ttLib import TTFont

ROOT = pathlib.Path(__file__).parents[3]
SITE = ROOT / "storefront" / "static" / "fonts"
DOCUMENTS = ROOT / "orders" / "documents" / "fonts"
# The first file that has a character draws it.
FONTS = {
    "golos-text-400": ("golos-text-latin-400", "golos-text-cyrillic-400", "golos-signs-400"),
    "golos-text-600": ("golos-text-latin-600", "golos-text-cyrillic-600", "golos-signs-600"),
    "sofia-xcond-800": ("sofia-xcond-latin-800", "sofia-xcond-cyrillic-800"),
}
FIGURES = "0123456789"
KEPT = {"GlyphOrder", "OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"}


def main() -> None:
    """Write the files; the same sources give the same bytes."""
    with TemporaryDirectory() as folder:
        for name, sources in FONTS.items():
            parts, known = [], set()
            for source in sources:
                part = pathlib.Path(folder) / f"{source}.ttf"
                known |= _write_part(source, part, known)
                parts.append(str(part))
            _merge(parts, DOCUMENTS / f"{name}.ttf")


def _write_part(source: str, target: pathlib.Path, known: set[int]) -> set[int]:
    """Write a font of the site with its own characters only, as TTF; return them."""
    font = TTFont(SITE / f"{source}.woff2", recalcTimestamp=False)
    own = set(font.getBestCmap()) - known
    _make_figures_tabular(font)
    options = SubsetOptions(layout_features=[], glyph_names=False, hinting=False, notdef_outline=True, name_IDs=["*"])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=own)
    subsetter.subset(font)
    for table in set(font.keys()) - KEPT:
        del font[table]
    font.flavor = None
    font.save(target)
    return own


def _make_figures_tabular(font: TTFont) -> None:
    """Let every figure be drawn by its glyph of the feature "tnum", and give all of them the width of the widest.

    Those of Golos Text are not equally wide: 2 is 580 units, 0 is 620.
    """
    layout = font["GSUB"].table
    features = [record.Feature for record in layout.FeatureList.FeatureRecord if record.FeatureTag == "tnum"]
    numbers = {number for feature in features for number in feature.LookupListIndex}
    subtables = [table for number in sorted(numbers) for table in layout.LookupList.Lookup[number].SubTable]
    wide = {}
    for table in subtables:
        wide.update(getattr(table, "ExtSubTable", table).mapping)
    for table in font["cmap"].tables:
        for code, glyph in list(table.cmap.items()):
            if chr(code) in FIGURES and glyph in wide:
                table.cmap[code] = wide[glyph]
    glyphs = [glyph for code, glyph in font.getBestCmap().items() if chr(code) in FIGURES]
    most, drawn, shapes = max((font["hmtx"][glyph][0] for glyph in glyphs), default=0), {}, font.getGlyphSet()
    for glyph in glyphs:
        width, left = font["hmtx"][glyph]
        shift = (most - width) // 2
        pen = TTGlyphPen(None)
        shapes[glyph].draw(DecomposingFilterPen(TransformPen(pen, (1, 0, 0, 1, shift, 0)), shapes))
        drawn[glyph] = pen.glyph(), (most, left + shift)
    # Only now: some are composed of others.
    for glyph, (outline, metrics) in drawn.items():
        font["glyf"][glyph], font["hmtx"][glyph] = outline, metrics


def _merge(parts: list[str], target: pathlib.Path) -> None:
    merged = Merger(Options(drop_tables=["vhea", "vmtx"])).merge(parts)
    merged.recalcTimestamp = False
    merged["head"].created = merged["head"].modified = TTFont(parts[0])["head"].modified
    merged.save(target)


if __name__ == "__main__":
    main()
