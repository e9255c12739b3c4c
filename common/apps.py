"""Modules that all apps share; imports no app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from PIL import Image


class CommonConfig(AppConfig):
    name = "common"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common.append_only import guard_after_migrate, unguard_before_going_back
        from common.number_fields import use_in_admin
        from common.page_changes.triggers import install_after_migrate
        from common.pictures.preparing import MAX_PIXELS

        pre_migrate.connect(unguard_before_going_back, sender=self)
        post_migrate.connect(guard_after_migrate, sender=self)
        post_migrate.connect(install_after_migrate, sender=self)
        use_in_admin()
        # For every caller that opens a picture: one with too many pixels is an error, never a memory problem.
        Image.MAX_IMAGE_PIXELS = MAX_PIXELS
