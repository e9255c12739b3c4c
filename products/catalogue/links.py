"""A list with the links around it: next page, chips, filters to add and remove."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.translation import gettext

from common.money import format_exact
from products.catalogue.facets import FacetChoice, promoted
from products.catalogue.listing import Listing

Pairs = Sequence[tuple[str, str]]
_SINGLE = ("shop", "category")
# Facets whose choices say by themselves what they are.
_UNNAMED = ("shop", "without")


@dataclass(frozen=True)
class Chip:
    """A filter above the list: `url` is the list with it toggled; `group` is what its attribute is called."""

    label: str
    url: str
    is_on: bool = False
    choice: FacetChoice | None = None
    group: str = ""


@dataclass(frozen=True)
class ListLinks:
    """The context of a list's template. `kept` are parameters of the page itself, such as a search's `q`."""

    listing: Listing
    base_url: str
    kept: Pairs = ()

    @property
    def next_url(self) -> str:
        """Return the address of the next page, "" on the last."""
        after = self.listing.next_after
        return self._url([*self._sort(), *self.listing.filters.pairs(), ("after", after)]) if after else ""

    @property
    def clear_url(self) -> str:
        """Return the list without any filter."""
        return self._url(self._sort())

    @property
    def hidden(self) -> Pairs:
        """Return what the sort form sends along."""
        return [*self.kept, *self.listing.filters.pairs()]

    @property
    def hidden_of_filters(self) -> Pairs:
        """Return what the filter form sends along."""
        return [*self.kept, *self._sort()]

    @property
    def chips(self) -> list[Chip]:
        """Return the filters that are on, each leading to the list without it."""
        pairs = self.listing.filters.pairs()
        return [Chip(self._label(*pair), self._without(pairs, pair), is_on=True) for pair in pairs]

    @property
    def promoted(self) -> list[Chip]:
        """Return the few filters above the list; those that are on lead to the list without them."""
        pairs = self.listing.filters.pairs()
        groups = {facet.name: facet.label for facet in self.listing.facets if facet.name not in _UNNAMED}
        chips = []
        for choice in promoted(self.listing.facets, self.listing.count):
            pair = (choice.name, choice.code)
            rest = [other for other in pairs if not (choice.name in _SINGLE and other[0] == choice.name)]
            url = self._without(pairs, pair) if choice.is_on else self._url([*self._sort(), *rest, pair])
            if not choice.is_off:
                chips.append(Chip(self._label(*pair), url, choice.is_on, choice, groups.get(choice.name, "")))
        return chips

    def _without(self, pairs: Pairs, pair: tuple[str, str]) -> str:
        return self._url([*self._sort(), *(other for other in pairs if other != pair)])

    def _sort(self) -> Pairs:
        is_default = self.listing.sort == self.listing.sorts[0][0]
        return [] if is_default else [("sort", self.listing.sort)]

    def _url(self, pairs: Pairs) -> str:
        query = urlencode([*self.kept, *pairs])
        return f"{self.base_url}?{query}" if query else self.base_url

    def _label(self, name: str, value: str) -> str:
        if name == "from":
            return gettext("From %(amount)s") % {"amount": format_exact(Decimal(value))}
        if name == "to":
            return gettext("Up to %(amount)s") % {"amount": format_exact(Decimal(value))}
        choices = {
            choice.code: choice.label for facet in self.listing.facets if facet.name == name for choice in facet.choices
        }
        label = choices.get(value, value)
        if name == "without":
            return gettext("Without %(allergen)s") % {"allergen": label.lower()}
        return gettext("At %(shop)s") % {"shop": label} if name == "shop" else label
