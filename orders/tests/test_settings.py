"""The settings of orders in the CMS: owners set how much may be refunded, others do not see it."""

from decimal import Decimal as D

import pytest

from accounts.tests.factories import make_staff
from orders.models import OrderSettings
from staff.tests.factories import sign_in
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    return f"/admin/settings/orders/ordersettings/{OrderSettings.load().pk}/"


def test_an_owner_sets_the_limits(page):
    make_groups()
    owner = sign_in(make_staff("owner"))
    assert "Settings" in owner.get("/admin/").content.decode()

    owner.post(page, {"employee_refund_limit": "12,50", "manager_refund_limit": ""})

    settings = OrderSettings.current()
    assert (settings.employee_refund_limit, settings.manager_refund_limit) == (D("12.50"), None)
    assert settings.refund_limit("employee") == D("12.50")


@pytest.mark.parametrize("typed", ["-1", "much", "1,250"])
def test_what_is_no_amount_is_refused(page, typed):
    make_groups()

    sign_in(make_staff("owner")).post(page, {"employee_refund_limit": typed, "manager_refund_limit": ""})

    assert OrderSettings.current().employee_refund_limit is None


@pytest.mark.parametrize("role", ["shop_manager", "editor", "price_manager"])
def test_others_do_not_set_them(page, role):
    make_groups()
    make_staff("owner")

    answer = sign_in(make_staff(role)).post(page, {"employee_refund_limit": "12", "manager_refund_limit": ""})

    assert answer.status_code in (302, 403, 404)
    assert OrderSettings.current().employee_refund_limit is None


def test_without_settings_employees_refund_nothing_and_managers_anything():
    limits = {
        role: OrderSettings.current().refund_limit(role) for role in ("owner", "shop_manager", "employee", "courier")
    }

    assert limits == {"owner": None, "shop_manager": None, "employee": 0, "courier": 0}
    assert not OrderSettings.objects.exists()
