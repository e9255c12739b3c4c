"""The check of commit messages: its refusals, its first commit, and where it cannot run."""

import shutil
import subprocess
import sys

import pytest

from tests.sources import ROOT

CHECK = ROOT / ".ci/commits.py"
GOOD = "orders: refund what was paid twice\n\nThe second payment was kept.\n"


@pytest.fixture
def repository(tmp_path):
    """Return a function that runs git, then the check, in a new repository with an old commit."""

    def git(*arguments):
        identity = ["-c", "user.name=Anna", "-c", "user.email=anna@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *identity, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "Format")
    (tmp_path / ".ci").mkdir()
    shutil.copy(CHECK, tmp_path / ".ci/commits.py")
    git("add", ".")
    git("commit", "-q", "-m", "The check itself")
    return git


def check(folder, *arguments):
    command = [sys.executable, ".ci/commits.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_commits_before_the_check_are_left_alone(repository, tmp_path):
    done = check(tmp_path)

    assert (done.returncode, done.stdout) == (0, "Commits checked: 0, faults: 0.\n")


def test_a_good_commit_passes(repository, tmp_path):
    repository("commit", "-q", "--allow-empty", "-m", GOOD)

    done = check(tmp_path)

    assert (done.returncode, done.stdout) == (0, "Commits checked: 1, faults: 0.\n")


FAULTS = {
    "no part": ("Refund what was paid twice\n\nWhy.", "is not `part: change`"),
    "capital": ("Orders: refund\n\nWhy.", "is not `part: change`"),
    "nothing after the part": ("orders:\n\nWhy.", "is not `part: change`"),
    "long": (f"orders: {'x' * 65}\n\nWhy.", "has 73 characters"),
    "no body": ("orders: refund what was paid twice", "there is no body"),
    "body at once": ("orders: refund what was paid twice\nWhy.", "a blank line is missing"),
    "says nothing": ("orders: format\n\nWhy.", "does not say what changes"),
}


@pytest.mark.parametrize(("message", "said"), FAULTS.values(), ids=FAULTS)
def test_a_bad_message_is_refused(repository, tmp_path, message, said):
    repository("commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
    (tmp_path / "message").write_text(message)

    history, hook = check(tmp_path), check(tmp_path, "--message", "message")

    assert history.returncode == 1 and said in history.stdout
    assert hook.returncode == 1 and said in hook.stderr


def test_a_merge_is_refused(repository, tmp_path):
    repository("checkout", "-q", "-b", "side")
    repository("commit", "-q", "--allow-empty", "-m", GOOD)
    repository("checkout", "-q", "main")
    repository("merge", "-q", "--no-ff", "-m", GOOD, "side")

    done = check(tmp_path)

    assert done.returncode == 1 and "it is a merge: rebase instead" in done.stdout


def test_comments_in_a_message_are_ignored(repository, tmp_path):
    (tmp_path / "message").write_text(f"{GOOD}# Please enter the message.\n# ------------------------ >8 ---\ndiff\n")

    assert check(tmp_path, "--message", "message").returncode == 0


def test_a_shallow_history_is_reported_and_passes(repository, tmp_path):
    repository("commit", "-q", "--allow-empty", "-m", "bad")
    clone = tmp_path / "clone"
    repository("clone", "-q", "--depth", "1", f"file://{tmp_path}", str(clone))

    done = check(clone)

    assert (done.returncode, done.stdout) == (0, "Commits are not checked: the history is shallow.\n")


def test_a_tree_without_history_is_reported_and_passes(tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(CHECK, tmp_path / ".ci/commits.py")

    done = check(tmp_path)

    assert done.returncode == 0 and done.stdout.startswith("Commits are not checked")
