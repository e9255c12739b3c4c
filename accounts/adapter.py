"""How allauth talks to our users: phones in E.164, mail from the shop."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up and sign-in by e-mail or phone."""
