"""Services that compose several apps: setting a shop up, the worker's rounds, the invariants' snapshot."""
