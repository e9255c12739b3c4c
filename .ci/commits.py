"""Check commit messages: a subject `part: change` of at most 72 characters, a body that says why, no merges.

Without arguments, check all commits after the one that added this file; with `--message FILE`, the message of the
commit being made (a commit-msg hook). Standard library only.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST = 72
SUBJECT = re.compile(r"[a-z][a-z0-9_./-]*(,? [a-z][a-z0-9_./-]*){0,3}: \S")
EMPTY_WORDS = {"format", "formatting", "fix", "fixes", "wip", "update", "updates", "changes", "cleanup"}


def faults(message: str) -> Iterator[str]:
    """Yield the faults in a commit message."""
    subject, _, rest = message.strip().partition("\n")
    if len(subject) > LONGEST:
        yield f"the subject has {len(subject)} characters; the limit is {LONGEST}"
    if not SUBJECT.match(subject):
        yield "the subject is not `part: change`, such as `orders: refund what was paid twice`"
    if subject.rpartition(": ")[2].strip(" .").lower() in EMPTY_WORDS:
        yield "the subject does not say what changes"
    if not rest.strip():
        yield "there is no body: say why, after a blank line"
    elif not rest.startswith("\n"):
        yield "a blank line is missing between subject and body"


def without_comments(text: str) -> str:
    """Return a message in the form in which git will store it."""
    text = text.partition("# ------------------------ >8")[0]
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def git(*arguments: str) -> str:
    """Return the output of git; raise OSError or CalledProcessError on failure."""
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


def new_commits() -> Iterator[tuple[str, str, str]]:
    """Yield hash, parents and message of the commits after the one that added this file, oldest first."""
    own = str(Path(__file__).resolve().relative_to(git("rev-parse", "--show-toplevel").strip()))
    first = git("log", "--diff-filter=A", "--format=%H", "--", own).split()[-1]
    log = git("log", "--reverse", "--format=%H%x00%P%x00%B%x01", f"{first}..HEAD")
    for entry in log.split("\x01"):
        if entry.strip():
            commit, parents, message = entry.strip("\n").split("\0")
            yield commit, parents, message


def check_history() -> int:
    """Print the faults of all new commits and return how many there are."""
    try:
        if git("rev-parse", "--is-shallow-repository").strip() == "true":
            print("Commits are not checked: the history is shallow.")
            return 0
        commits = list(new_commits())
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError):
        print("Commits are not checked: no history contains this check.")
        return 0
    found = 0
    for commit, parents, message in commits:
        wrong = list(faults(message))
        if " " in parents:
            wrong = ["it is a merge: rebase instead"]
        for fault in wrong:
            print(f"{commit[:10]} {message.splitlines()[0] if message.strip() else ''!r}: {fault}.")
        found += len(wrong)
    print(f"Commits checked: {len(commits)}, faults: {found}.")
    return found


def main() -> int:
    """Return 1 if a message is at fault."""
    if sys.argv[1:2] == ["--message"]:
        wrong = list(faults(without_comments(Path(sys.argv[2]).read_text())))
        for fault in wrong:
            print(f"Commit message: {fault}.", file=sys.stderr)
        return bool(wrong)
    return bool(check_history())


if __name__ == "__main__":
    sys.exit(main())
