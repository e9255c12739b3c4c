"""`make run`: from an empty database to a shop that sells, in one command that asks nothing unless on a terminal."""

import hashlib
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.demo import DEMO_ACCOUNTS
from accounts.models import User
from accounts.selectors import has_owner
from common import clock
from common.actors import SETUP
from products.models import Product
from storefront.models import Identity
from storefront.processes import Child, Keeper, ProcessesFailed
from storefront.services.setup import BadOwner, no_owner_hint, owners_of_environment, set_up
from storefront.terminal import ask_owner

HOST = "127.0.0.1"
WEB_READY_SECONDS = 60


class Command(BaseCommand):
    """Prepare the database, then keep web, worker and demo bank running until told to stop."""

    help = "Run the whole shop on this machine: web, worker and demo bank."
    requires_system_checks = ()

    def handle(self, **options) -> None:
        port = settings.PORT
        has_bank = "demo_bank" in settings.PAYMENT_GATEWAYS
        for number in (port, port + 1) if has_bank else (port,):
            self._require_free(number)
        self._prepare()
        keeper = Keeper(self._children(port, has_bank), self._say)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: keeper.stop())
        try:
            keeper.start()
            self._wait_for_web(keeper)
            if not keeper.stopping:
                self._announce(has_bank)
            keeper.watch()
        except ProcessesFailed as error:
            raise CommandError(str(error)) from error
        finally:
            keeper.end()
        self._say("The shop is closed.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _require_free(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError) as error:
                raise CommandError(
                    f"Port {port} is in use or not allowed. Stop the program that uses it, or choose another: "
                    f"make run PORT={settings.PORT + 100}"
                ) from error

    def _prepare(self) -> None:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self._say("Preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)
        self._refuse_demo_passwords()
        self.check(tags=[Tags.database], databases=["default"])
        try:
            set_up(owners=owners_of_environment(), actor=SETUP, at=clock.now())
        except BadOwner as error:
            raise CommandError(error.message) from error
        self._collect_static()
        if settings.DEMO:
            self._load_demo()
        elif not settings.DEMO and not has_owner() and sys.stdin.isatty():
            self._ask_for_owner()

    def _load_demo(self) -> None:
        """Load the demo into a shop without products; complete a load that was interrupted."""
        unfinished = settings.VAR_DIR / "demo.unfinished"
        if unfinished.exists() or not Product.objects.exists():
            self._say("Loading the demo shop ...")
            unfinished.touch()
            call_command("load_demo", history="worker")
            unfinished.unlink()

    def _refuse_demo_passwords(self) -> None:
        """Refuse to run a real shop on a database with demo accounts: their passwords are public."""
        emails = [account.email for account in DEMO_ACCOUNTS]
        if not settings.DEMO and User.objects.filter(email__in=emails, is_active=True).exists():
            raise CommandError(
                f"The database in {settings.VAR_DIR} holds the demo shop, whose passwords everybody knows. "
                "Start your own shop in another folder: make run DEMO=0 VAR_DIR=var-shop"
            )

    def _collect_static(self) -> None:
        """Collect static files if one of them has changed since the last start."""
        digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
        for finder in get_finders():
            for path, storage in finder.list([]):
                stat = os.stat(storage.path(path))
                digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns};".encode())
        stamp = settings.VAR_DIR / "static.stamp"
        if not stamp.exists() or stamp.read_text() != digest.hexdigest() or not settings.STATIC_ROOT.exists():
            self._say("Collecting static files ...")
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
            stamp.write_text(digest.hexdigest())

    def _ask_for_owner(self) -> None:
        self._say("Who owns this shop?")
        try:
            owner = ask_owner(self._say)
        except EOFError:
            return  # the announcement says how to create one later
        set_up(owners=[owner], actor=SETUP, at=clock.now())

    def _children(self, port: int, has_bank: bool) -> list[Child]:
        python = sys.executable
        shared = {"SITE_URL": settings.SITE_URL, "DEMO_BANK_URL": settings.DEMO_BANK_URL}
        web = [
            python, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "storefront.wsgi:application",
            "--bind", f"{HOST}:{port}", "--workers", "1", "--threads", str(settings.WEB_THREADS),
            "--log-level", "warning",
        ]  # fmt: skip
        children = [
            Child("The web server", web, shared),
            Child("The worker", [python, "manage.py", "run_worker", "--stop-with-parent"], shared),
        ]
        if has_bank:
            bank = {
                "DEMO_BANK_PORT": str(port + 1),
                "DEMO_BANK_SECRET": settings.DEMO_BANK_SECRET,
                "DEMO_BANK_BOOK": str(settings.VAR_DIR / "demo_bank.sqlite3"),
                "DEMO_BANK_SHOP_NAME": Identity.current().name,
                "DEMO_BANK_WEBHOOK_URL": f"http://{HOST}:{port}/payments/demo_bank/webhook/",
            }
            children.append(
                Child("The demo bank", [python, "-m", "orders.gateways.demo_bank.server"], {**shared, **bank})
            )
        return children

    def _wait_for_web(self, keeper: Keeper) -> None:
        deadline = time.monotonic() + WEB_READY_SECONDS
        while time.monotonic() < deadline and not keeper.stopping and keeper.children[0].is_alive():
            try:
                with urllib.request.urlopen(f"http://{HOST}:{settings.PORT}/healthz", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)

    def _announce(self, has_bank: bool) -> None:
        rows = [("Shop", settings.SITE_URL + "/"), ("Staff", settings.SITE_URL + "/staff/")]
        rows.append(("CMS", settings.SITE_URL + "/admin/"))
        if has_bank:
            rows.append(("Demo bank", settings.DEMO_BANK_URL + "/"))
        lines = ["", *(f"  {name:<10} {address}" for name, address in rows)]
        if settings.DEMO:
            lines += ["", "  Demo sign-ins:"]
            lines += [f"  {account.role:<14} {account.email:<28} {account.password}" for account in DEMO_ACCOUNTS]
        if not has_owner():
            lines += ["", no_owner_hint()]
        self._say("\n".join([*lines, "", "Stop with Ctrl-C."]))
