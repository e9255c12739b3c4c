"""Storage whose files are complete or absent."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class WholeFileStorage(FileSystemStorage):
    """Write a file beside its place and move it there when complete: a full disk leaves no half file."""

    def _save(self, name: str, content: Any) -> str:
        folder = Path(self.path(name)).parent
        folder.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
        try:
            with os.fdopen(handle, "wb") as target:
                _copy(content, target)
            # The stubs leave this hook of Django out.
            return super()._save(name, _Draft(content, draft))  # type: ignore[misc]
        finally:
            Path(draft).unlink(missing_ok=True)


class _Draft(File):
    """A written file, as Django moves it."""

    def __init__(self, content: Any, path: str) -> None:
        super().__init__(content)
        self.path = path

    def temporary_file_path(self) -> str:
        """Return the path of the complete file."""
        return self.path


def _copy(content: Any, target: Any) -> None:
    if hasattr(content, "temporary_file_path"):
        with open(content.temporary_file_path(), "rb") as source:
            shutil.copyfileobj(source, target)
    else:
        for chunk in content.chunks():
            target.write(chunk)
