"""A small bank for demos and tests: a process of its own, with the standard library only and no Django."""
