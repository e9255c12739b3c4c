"""Header and footer: identity, shops with hours, menu. The same for everybody, so it names nobody."""

from dataclasses import dataclass, field

from storefront.models import Identity


@dataclass(frozen=True)
class Shell:
    """What base.html draws around every page."""

    identity: Identity
    shops: list = field(default_factory=list)
    menu: list = field(default_factory=list)
    footer_pages: list = field(default_factory=list)


def load_shell() -> Shell:
    """Load the shell of the active language."""
    return Shell(identity=Identity.load())
