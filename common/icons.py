"""Line drawings for the interface, 24 x 24, one file each in templates/icons/.

They are Lucide's, ISC licence: storefront/static/img/LICENCE-icons.txt.
"""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "icons"
_FRAME = re.compile(r"<svg[^>]*>(.*)</svg>\s*", re.DOTALL)


def _read(path: Path) -> str:
    """Return what stands inside the frame of a drawing, in one line."""
    frame = _FRAME.fullmatch(path.read_text(encoding="utf-8"))
    if frame is None:
        raise ValueError(f"{path.name} is no drawing: <svg ...>...</svg> is expected")
    return "".join(line.strip() for line in frame[1].splitlines())


ICONS = {path.stem: _read(path) for path in sorted(FOLDER.glob("*.svg"))}
