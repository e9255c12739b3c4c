"""`make mutants`: put each fault into a copy of the code and run its tests; every one has to fail.

MUTANTS=words runs those whose names contain the words, SHORT=1 every fifth.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from tests.mutants.faults import MUTANTS, Mutant

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def copy(target: pathlib.Path) -> None:
    """Copy what git knows, so that nothing of this tree is ever broken."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in names.split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def run(tree: pathlib.Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def try_one(tree: pathlib.Path, mutant: Mutant) -> str:
    """Return "" for a mutant that was noticed, else what is wrong."""
    path = tree / mutant.file
    text = path.read_text()
    if text.count(mutant.old) != 1:
        return f"its line stands {text.count(mutant.old)} times in {mutant.file}"
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
        done = run(tree, mutant.tests)
    finally:
        path.write_text(text)
    # 1: tests failed. Anything else is a run that proves nothing.
    return {0: "SURVIVED", 1: ""}.get(done.returncode, f"the run ended with {done.returncode}: {done.stdout[-500:]}")


def main() -> int:
    words, step = os.environ.get("MUTANTS", ""), 5 if os.environ.get("SHORT") else 1
    chosen = [mutant for mutant in MUTANTS if words in mutant.name][::step]
    with tempfile.TemporaryDirectory(prefix="vitrine-mutants-") as folder:
        tree = pathlib.Path(folder)
        copy(tree)
        files = tuple(sorted({test for mutant in chosen for test in mutant.tests}))
        done = run(tree, files)
        if done.returncode != 0:
            print(f"The tests fail without any fault.\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
            return 1
        faults = 0
        for mutant in chosen:
            began = time.monotonic()
            wrong = try_one(tree, mutant)
            faults += bool(wrong)
            print(f"{wrong or 'noticed':10} {time.monotonic() - began:5.0f} s  {mutant.name}", flush=True)
    print(f"Mutants: {len(chosen)} tried, {len(chosen) - faults} passed as noticed, {faults} not.")
    return 1 if faults or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
