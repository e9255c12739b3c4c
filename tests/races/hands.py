"""Processes that do the worker's or a person's work at the moment the clients of a race start."""

import contextlib
import multiprocessing
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any

import django

Hands = ProcessPoolExecutor


@contextlib.contextmanager
def hired(number: int, environment: Mapping[str, str]) -> Iterator[Hands]:
    """A number of processes in the shop's environment, each with its own connection to the database."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(number, mp_context=context, initializer=_begin, initargs=(dict(environment),)) as hands:
        yield hands


def outcomes(work: list[Future]) -> tuple[list[Any], list[str]]:
    """Wait for the work; return its results and its faults."""
    faults = [repr(fault) for task in work if (fault := task.exception(60)) is not None]
    return [task.result() for task in work if task.exception() is None], faults


def _begin(environment: dict[str, str]) -> None:
    os.environ.update(environment)
    django.setup()
