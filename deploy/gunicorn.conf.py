"""gunicorn as the shop wants it: `gunicorn -c deploy/gunicorn.conf.py storefront.wsgi:application`.

What is given on the command line wins. WEB_CONCURRENCY sets the number of processes.
"""

import gc
import os

worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
# A search may be 5,000 characters long; the default of 4,094 bytes would answer it with a bare 414.
limit_request_line = 8190
timeout = 60
graceful_timeout = 8
# Threads serve slow clients; a proxy in front keeps idle connections, not we.
keepalive = 5
control_socket_disable = True


def post_worker_init(worker):  # noqa: ANN001, ANN201 - gunicorn's own signature
    """Leave what is loaded out of every later collection: it never becomes garbage."""
    gc.collect()
    gc.freeze()
