"""Wagtail's Users area, limited to staff."""

from wagtail.users.apps import WagtailUsersAppConfig


class StaffUsersConfig(WagtailUsersAppConfig):
    """Names our viewset, so that customers are never listed in the CMS."""

    user_viewset = "stock.staff_viewsets.PersonViewSet"
