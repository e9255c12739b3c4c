"""Services across several apps: setting up a shop, the worker's rounds, the snapshot for invariants."""
