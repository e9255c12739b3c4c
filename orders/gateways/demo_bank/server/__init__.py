"""A small bank for demonstrations and tests: a process of its own, standard library only, never Django."""
