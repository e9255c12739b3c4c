"""The moment tests happen at, unless they say otherwise."""

import datetime as dt

# A Tuesday morning.
AT = dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC)
