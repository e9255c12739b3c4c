"""Load: everything at once, for long enough; no answer may be a fault."""
