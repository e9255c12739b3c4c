"""People as actors: the name under which histories record a signed-in person."""

from accounts.models import User
from accounts.roles import ROLES, role_of
from common.actors import Actor


def actor_of(user: User) -> Actor:
    """Return a signed-in person as an actor: by first name, else by their role, else by their number."""
    role = role_of(user)
    return Actor(user.get_short_name() or (str(ROLES[role]) if role else str(user)), user.pk)
