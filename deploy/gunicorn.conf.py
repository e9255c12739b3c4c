"""gunicorn as the shop wants it: `gunicorn -c deploy/gunicorn.conf.py storefront.wsgi:application`.

What is given on the command line wins. WEB_CONCURRENCY sets the number of processes.
"""

import gc
import os
import subprocess
import sys
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
environ.Env.read_env(os.environ.get("ENV_FILE", ROOT / ".env"))
SETTINGS = "storefront.settings.production"

worker_class = "gthread"
# What is not a number is refused below, with all other settings.
_threads = os.environ.get("WEB_THREADS", "8")
threads = int(_threads) if _threads.isdecimal() else 8
# A search may be 5,000 characters long; the default of 4,094 bytes would answer it with a bare 414.
limit_request_line = 8190
timeout = 60
graceful_timeout = 8
# Threads serve slow clients; a proxy in front keeps idle connections, not we.
keepalive = 5
control_socket_disable = True
# From a proxy on this machine gunicorn would take SCRIPT_NAME and PATH_INFO as headers, which a visitor may have sent.
forwarder_headers = ""


def on_starting(server):  # noqa: ANN001, ANN201 - gunicorn's own signature
    """Refuse settings that cannot be used in one sentence, before a worker starts, fails and starts again.

    In a process of its own: what the master imports stays as it is when the workers are reloaded.
    """
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", SETTINGS)}
    asked = subprocess.run([sys.executable, "-m", "storefront.settings"], cwd=ROOT, env=environment, check=False)
    if asked.returncode:
        sys.exit(asked.returncode)


def post_worker_init(worker):  # noqa: ANN001, ANN201 - gunicorn's own signature
    """Leave what is loaded out of every later collection: it never becomes garbage."""
    gc.collect()
    gc.freeze()
