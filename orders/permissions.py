"""Kinds of actors, as the table of statuses knows them, and the rights of people."""

from django.conf import settings
from django.utils.translation import gettext

from accounts.models import User
from accounts.roles import may, role_of
from common.actors import SETUP, WORKER, Actor
from common.errors import DomainError
from orders.models import Order
from orders.statuses import CUSTOMER, GATEWAY, NOBODY, SYSTEM


class NotAllowed(DomainError):
    """The person's role does not allow this."""

    code = "not_allowed"


def require(actor: Actor, action: str) -> None:
    """Raise NotAllowed unless the actor is a person whose role allows `action`."""
    user = User.objects.filter(pk=actor.user_id, is_active=True).first() if actor.user_id else None
    if user is None or not may(user, action):
        raise NotAllowed(gettext("Your role may not do this."))


def kind_of(actor: Actor, order: Order) -> str:
    """Return the kind of an actor in the table of statuses.

    A machine is known by its label and has no user id. A person without an account has the order's secret address
    (by which the view found the order) and is its customer. A signed-in person is their role; without a role they are
    the customer of their own orders and nobody to other people's.
    """
    if actor.user_id is None:
        if actor in (WORKER, SETUP):
            return SYSTEM
        return GATEWAY if actor.label in settings.PAYMENT_GATEWAYS else CUSTOMER
    user = User.objects.filter(pk=actor.user_id, is_active=True).first()
    role = role_of(user) if user else None
    if role:
        return role
    return CUSTOMER if user and order.user_id in (None, user.pk) else NOBODY
