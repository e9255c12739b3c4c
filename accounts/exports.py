"""What a person gets when they ask what is kept of them: one JSON file, or a ZIP of tables."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from common.registry import Row

Sections = Mapping[str, Sequence[Row]]
# A spreadsheet would take these for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(sections: Sections) -> bytes:
    """Return the sections as one JSON object; moments are in UTC, amounts are texts."""
    return json.dumps(sections, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2).encode()


def as_zip(sections: Sections) -> bytes:
    """Return a ZIP with a CSV file for each section that has rows."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in sections.items():
            if rows:
                archive.writestr(f"{name}.csv", _table(rows))
    return packed.getvalue()


def _table(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    writer.writerows([cell(value) for value in row.values()] for row in rows)
    # The mark makes spreadsheets read it as UTF-8.
    return text.getvalue().encode("utf-8-sig")


def cell(value: Any) -> object:
    """Return a value as it stands in a CSV file: no spreadsheet takes it for a formula."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return value.isoformat() if hasattr(value, "isoformat") else value
