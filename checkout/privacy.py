"""The personal data of carts: none. A buyer's input is kept in the order only; a cart names its user by id."""

from common.registry import personal

personal()
