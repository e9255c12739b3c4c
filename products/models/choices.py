"""Closed lists that describe products: badges, the fourteen allergens, the figures of the nutrition table."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MAX_BADGES = 2
NUTRITION_NAMES = (
    _("Energy"),
    _("Fat, of which saturated"),
    _("Carbohydrate, of which sugars"),
    _("Protein"),
    _("Salt"),
)


class AllergenStatus(models.TextChoices):
    """The declaration of a page about allergens; empty until somebody has made one."""

    NOT_FOOD = "not_food", _("Not food")
    NONE = "none", _("Contains none of the 14 allergens")
    DECLARED = "declared", _("Allergens are listed below")


class Badge(models.TextChoices):
    """Short words on a card; at most two are shown."""

    NEW = "new", _("New")
    VEGAN = "vegan", _("Vegan")
    SEASONAL = "seasonal", _("In season")
    BY_WEIGHT = "by_weight", _("Cut to weight")
    FAVOURITE = "favourite", _("House favourite")


class Allergen(models.TextChoices):
    """The fourteen allergens of Regulation (EU) 1169/2011, Annex II."""

    GLUTEN = "gluten", _("Gluten")
    CRUSTACEANS = "crustaceans", _("Crustaceans")
    EGGS = "eggs", _("Eggs")
    FISH = "fish", _("Fish")
    PEANUTS = "peanuts", _("Peanuts")
    SOYA = "soya", _("Soya")
    MILK = "milk", _("Milk")
    NUTS = "nuts", _("Nuts")
    CELERY = "celery", _("Celery")
    MUSTARD = "mustard", _("Mustard")
    SESAME = "sesame", _("Sesame")
    SULPHITES = "sulphites", _("Sulphites")
    LUPIN = "lupin", _("Lupin")
    MOLLUSCS = "molluscs", _("Molluscs")


def validate_badges(value: object) -> None:
    """Raise ValidationError unless `value` is a list of at most two different known badges."""
    if not isinstance(value, list) or len({str(code) for code in value}) != len(value):
        raise ValidationError(gettext("Choose each badge once."))
    if any(code not in Badge.values for code in value):
        raise ValidationError(gettext("Choose badges from the list."))
    if len(value) > MAX_BADGES:
        raise ValidationError(gettext("Choose at most two badges: a card has room for no more."))


def validate_nutrition(value: object) -> None:
    """Raise ValidationError unless `value` is a list of short texts, one for each of NUTRITION_NAMES at most."""
    if not isinstance(value, list) or len(value) > len(NUTRITION_NAMES):
        raise ValidationError(gettext("Give one text for each nutrition figure."))
    if any(not isinstance(text, str) or len(text) > 60 for text in value):
        raise ValidationError(gettext("Nutrition figures are short texts such as 968 kJ / 229 kcal."))
