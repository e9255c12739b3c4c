"""The groups of the six roles and what each may do in the CMS. Only groups get permissions, from these tables.

`MEANINGS` says what a right of accounts/roles.py means in the CMS; the tables of roles hold the rest. Every row has a
list, a form or a chooser of that model: a permission without one is left out until its screen exists.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Task,
    Workflow,
)

from accounts.roles import ROLES, roles_with

ADMIN = "wagtailadmin.access_admin"
LOOK = ("view",)
KEEP = ("view", "add", "change")
MANAGE = ("view", "add", "change", "delete")
# No model of orders or customers appears in a row, settings apart: nobody sees people's data through the CMS.
MODELS: dict[str, dict[str, tuple[str, ...]]] = {
    "owner": {
        "stock.shop": KEEP,
        "stock.shophours": MANAGE,
        "stock.shopday": MANAGE,
        "products.attribute": MANAGE,
        "products.attributevalue": MANAGE,
        "products.supplier": KEEP,
        "products.taxclass": KEEP,
        "products.taxrate": MANAGE,
        "orders.sellersettings": ("change",),
        "storefront.identity": ("change",),
        "orders.ordersettings": ("change",),
        "wagtailredirects.redirect": MANAGE,
    },
    "shop_manager": {
        "stock.shop": ("view", "change"),
        "stock.shophours": MANAGE,
        "stock.shopday": MANAGE,
    },
    "employee": {},
    "courier": {},
    "editor": {
        "products.product": LOOK,
        "products.sku": LOOK,
        "products.price": LOOK,
        "products.attribute": LOOK,
        "products.attributevalue": LOOK,
        "wagtailredirects.redirect": MANAGE,
    },
    "price_manager": {
        "products.attribute": KEEP,
        "products.attributevalue": KEEP,
        "products.supplier": KEEP,
        "products.taxclass": LOOK,
    },
}
EDITS_PAGES = ("add", "change", "publish", "lock", "unlock", "bulk_delete")
PAGES: dict[str, tuple[str, ...]] = {"owner": EDITS_PAGES, "editor": EDITS_PAGES}
PICTURES = ("add_image", "change_image", "choose_image", "add_document", "change_document", "choose_document")
# People who only add new products may add pictures and choose from them, but not change those of others.
ADDS_PICTURES = ("add_image", "choose_image", "choose_document")
COLLECTIONS: dict[str, tuple[str, ...]] = {"owner": PICTURES, "editor": PICTURES}


@dataclass(frozen=True)
class Meaning:
    """The permissions that a right adds to the groups of its roles: on models, pages and collections."""

    models: dict[str, tuple[str, ...]]
    pages: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


MEANINGS = {
    "prices.change": Meaning(
        {"products.product": KEEP, "products.sku": KEEP, "products.price": ("view", "add")}, ("add",), ADDS_PICTURES
    ),
    "staff.manage": Meaning({"accounts.user": KEEP, "stock.shopstaff": MANAGE}),
}
WAGTAILS_OWN = ("Moderators", "Editors")
WAGTAILS_WORKFLOW, OWNERS_WORKFLOW = "Moderators approval", "Owner's approval"


def make_groups() -> dict[str, Group]:
    """Make each role's group with exactly the rights in the table; return the groups by role code."""
    groups = {}
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        meanings = [meaning for right, meaning in MEANINGS.items() if role in roles_with(right)]
        pages = {*PAGES.get(role, ()), *(action for meaning in meanings for action in meaning.pages)}
        pictures = {*COLLECTIONS.get(role, ()), *(name for meaning in meanings for name in meaning.collections)}
        group.permissions.set(_model_permissions([MODELS[role], *(one.models for one in meanings)], enters=bool(pages)))
        _give_pages(group, pages)
        _give_collections(group, pictures)
        groups[role] = group
    _retire_wagtails_groups(groups["owner"])
    return groups


def _model_permissions(tables: list[dict[str, tuple[str, ...]]], *, enters: bool) -> list[Permission]:
    wanted = {
        f"{model.split('.')[0]}.{action}_{model.split('.')[1]}"
        for table in tables
        for model, actions in table.items()
        for action in actions
    }
    if wanted or enters:
        wanted.add(ADMIN)
    found = _permissions(wanted)
    missing = wanted - set(found)
    if missing:
        raise LookupError(f"no such permissions: {', '.join(sorted(missing))}")
    return list(found.values())


def _permissions(names: Iterable[str]) -> dict[str, Permission]:
    codenames = {name.split(".")[1] for name in names}
    rows = Permission.objects.filter(codename__in=codenames).select_related("content_type")
    named = {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
    return {name: named[name] for name in names if name in named}


def _give_pages(group: Group, actions: Iterable[str]) -> None:
    root = Page.get_first_root_node()
    wanted = set(_permissions({f"wagtailcore.{action}_page" for action in actions}).values())
    GroupPagePermission.objects.filter(group=group, page=root).exclude(permission__in=wanted).delete()
    for permission in wanted:
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)


def _give_collections(group: Group, codenames: Iterable[str]) -> None:
    root = Collection.get_first_root_node()
    apps = {"image": "wagtailimages", "document": "wagtaildocs"}
    wanted = set(_permissions({f"{apps[name.split('_')[1]]}.{name}" for name in codenames}).values())
    GroupCollectionPermission.objects.filter(group=group, collection=root).exclude(permission__in=wanted).delete()
    for permission in wanted:
        GroupCollectionPermission.objects.get_or_create(group=group, collection=root, permission=permission)


def _retire_wagtails_groups(owner: Group) -> None:
    """Give Wagtail's approval workflow to owners, and delete its own groups if nobody is in them."""
    unused = Group.objects.filter(name__in=WAGTAILS_OWN, user__isnull=True)
    for task in GroupApprovalTask.objects.filter(groups__in=unused).distinct():
        task.groups.set([owner])
    for model in (Task, Workflow):
        model.objects.filter(name=WAGTAILS_WORKFLOW).update(name=OWNERS_WORKFLOW)
    unused.delete()
