"""gunicorn as the shop wants it: `gunicorn -c deploy/gunicorn.conf.py storefront.wsgi:application`.

What is given on the command line wins. WEB_CONCURRENCY sets the number of processes.
"""

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
