"""The time of every test, unless it says otherwise."""

import datetime as dt

# A Tuesday morning.
AT = dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC)
