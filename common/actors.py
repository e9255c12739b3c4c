"""Actors: the pair (user id, label) that every event, movement and price row keeps."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """`user_id` is None for machines and guests; `label` is who a history names: "Anna", "worker", a gateway."""

    label: str
    user_id: int | None = None


WORKER = Actor("worker")
GUEST = Actor("guest")
SETUP = Actor("setup")
# In place of the name of a person whose account was deleted.
DELETED = "customer"
