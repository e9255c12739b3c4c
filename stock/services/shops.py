"""Pause the orders of a shop; assign staff to shops; forget which one a customer chose."""

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from accounts.services import audit
from common.actors import Actor
from stock.models import Shop, ShopChoice, ShopStaff


def pause(*, shop_id: int, until: dt.datetime | None, actor: Actor, at: dt.datetime) -> Shop:
    """Take no new orders until `until`; None, or a moment that has passed, takes them again at once.

    Writes an audit entry. Raises Shop.DoesNotExist.
    """
    with transaction.atomic():
        shop = Shop.objects.select_for_update(no_key=True).get(pk=shop_id)
        shop.paused_until = until if until and until > at else None
        shop.save(update_fields=["paused_until"])
        action = "shop.pause" if shop.paused_until else "shop.resume"
        audit.record(action=action, target=f"shop:{shop.pk}", actor=actor, at=at, note=f"{shop.paused_until or ''}")
    return shop


def assign(*, user_id: int, shop_ids: Collection[int], actor: Actor, at: dt.datetime) -> list[int]:
    """Let a staff member work in these shops too; return the ids of the new ones. Writes an audit entry. Idempotent.

    An owner works everywhere and needs no post.
    """
    with transaction.atomic():
        known = set(ShopStaff.objects.filter(user=user_id, shop__in=shop_ids).values_list("shop_id", flat=True))
        new = sorted(set(shop_ids) - known)
        posts = [ShopStaff(user_id=user_id, shop_id=shop_id) for shop_id in new]
        ShopStaff.objects.bulk_create(posts, ignore_conflicts=True)
        if new:
            note = ", ".join(f"shop:{shop_id}" for shop_id in new)
            audit.record(action="staff.post", target=f"user:{user_id}", actor=actor, at=at, note=note)
    return new


def set_posts(*, user_id: int, shop_ids: Collection[int], actor: Actor, at: dt.datetime) -> None:
    """Let a staff member work in exactly these shops. Writes audit entries. Idempotent."""
    with transaction.atomic():
        assign(user_id=user_id, shop_ids=shop_ids, actor=actor, at=at)
        ended = ShopStaff.objects.filter(user=user_id).exclude(shop__in=shop_ids)
        gone = sorted(ended.values_list("shop_id", flat=True))
        if gone:
            ended.delete()
            note = ", ".join(f"shop:{shop_id}" for shop_id in gone)
            audit.record(action="staff.post_end", target=f"user:{user_id}", actor=actor, at=at, note=note)


def forget_choice(*, user_id: int) -> None:
    """Delete the shop that a customer chose last, in the caller's transaction."""
    ShopChoice.objects.filter(user=user_id).delete()
