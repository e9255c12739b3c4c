"""Shared fixtures live in tests/fixtures.py, loaded for every app by pyproject's addopts."""
