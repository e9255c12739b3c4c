"""Adding and changing staff in the CMS, with the shops they work in."""

import pytest

from accounts.models import AuditEntry, User
from accounts.services.staff import create_staff
from accounts.tests.factories import PASSWORD, make_customer, make_staff
from accounts.tests.helpers import deliver_mail, is_signed_in, sign_in
from common.actors import SETUP
from stock.models import ShopStaff
from stock.tests.factories import make_shop
from storefront.services.role_groups import make_groups

pytestmark = pytest.mark.django_db
NEW = "/admin/users/new/"
INVITED = "We are sending an invitation to ben@example.com. Ben Vos can sign in after choosing a password."


@pytest.fixture
def owner():
    make_groups()
    return make_staff("owner", name="Olga Zernova")


@pytest.fixture
def desk(client, owner):
    sign_in(client, owner.email, PASSWORD)
    return client


@pytest.fixture
def ben(at):
    return create_staff(email="ben@example.com", name="Ben Vos", role="employee", actor=SETUP, at=at)


def typed(**change: object) -> dict[str, object]:
    return {"name": "Ben Vos", "email": "ben@example.com", "phone": "", "role": "employee", "password": ""} | change


def edited(user: User, **change: object) -> dict[str, object]:
    return {"name": user.name, "email": user.email, "phone": "", "role": "employee", "is_active": "on"} | change


def posts(user: User) -> set[str]:
    return set(ShopStaff.objects.filter(user=user).values_list("shop__code", flat=True))


def edit_url(user: User) -> str:
    return f"/admin/users/edit/{user.pk}/"


def test_a_person_is_added_with_their_shops(desk):
    canal, _market, station = make_shop("canal"), make_shop("market"), make_shop("station")

    desk.post(NEW, typed(shops=[canal.pk, station.pk]))

    assert posts(User.objects.get(email="ben@example.com")) == {"canal", "station"}


def test_a_refused_person_is_assigned_to_no_shop(desk):
    make_customer(email="ben@example.com")

    page = desk.post(NEW, typed(shops=[make_shop("canal").pk])).content.decode()

    assert "Another account has this email address." in page
    assert not ShopStaff.objects.exists()


@pytest.mark.parametrize("shop", ["999999", "canal", "99999999999999999999999"])
def test_an_unknown_shop_is_refused_and_nobody_added(desk, shop):
    response = desk.post(NEW, typed(shops=[shop]))

    assert response.status_code == 200
    assert not User.objects.filter(email="ben@example.com").exists()


def test_without_a_password_the_page_announces_an_invitation(desk):
    page = desk.post(NEW, typed(), follow=True).content.decode()

    assert INVITED in page
    assert "can sign in now" not in page
    assert [mail.to for mail in deliver_mail()] == [["ben@example.com"]]


def test_with_a_password_the_page_says_that_they_can_sign_in(desk):
    page = desk.post(NEW, typed(password=PASSWORD), follow=True).content.decode()

    assert "Ben Vos can sign in now." in page
    assert deliver_mail() == []


def test_entered_values_are_kept_after_a_mistake(desk):
    canal = make_shop("canal")

    page = desk.post(NEW, typed(role="", password=PASSWORD, shops=[canal.pk])).content.decode()

    assert f'value="{PASSWORD}"' in page
    assert 'data-show-password="Show password"' in page
    assert f'name="shops" value="{canal.pk}"' in page
    assert page.split(f'name="shops" value="{canal.pk}"')[1].split(">")[0].count("checked") == 1


def test_a_page_with_a_typed_password_is_not_cached(desk):
    response = desk.post(NEW, typed(role="", password=PASSWORD))

    assert "no-store" in response["Cache-Control"]


def test_the_list_distinguishes_invited_people_from_those_who_can_sign_in(desk, ben):
    page = desk.get("/admin/users/").content.decode()

    rows = [row for row in page.split("<tr") if "ben@example.com" in row]
    assert "Invited" in rows[0]
    assert page.count("Invited") == 1


def test_shops_can_be_added_and_removed_on_the_form(desk, ben):
    canal, market = make_shop("canal"), make_shop("market")
    desk.post(edit_url(ben), edited(ben, shops=[canal.pk]))

    desk.post(edit_url(ben), edited(ben, shops=[market.pk]))

    assert posts(ben) == {"market"}
    notes = AuditEntry.objects.filter(action__startswith="staff.post").order_by("pk").values_list("action", "note")
    assert list(notes) == [
        ("staff.post", f"shop:{canal.pk}"),
        ("staff.post", f"shop:{market.pk}"),
        ("staff.post_end", f"shop:{canal.pk}"),
    ]


def test_the_form_shows_where_somebody_works(desk, ben):
    canal = make_shop("canal")
    ShopStaff.objects.create(user=ben, shop=canal)

    page = desk.get(edit_url(ben)).content.decode()

    assert page.split(f'name="shops" value="{canal.pk}"')[1].split(">")[0].count("checked") == 1


def test_an_invitation_is_sent_again_by_a_button(desk, ben):
    deliver_mail()
    assert "Send the invitation again" in desk.get(edit_url(ben)).content.decode()

    page = desk.post(edit_url(ben), {"send_link": "1"}, follow=True).content.decode()

    assert INVITED in page
    assert [mail.to for mail in deliver_mail()] == [["ben@example.com"]]


def test_a_reset_link_is_sent_by_a_button(desk):
    anna = make_staff("employee", email="anna@example.com")
    page = desk.get(edit_url(anna)).content.decode()
    assert "Send a reset link" in page and "Send the invitation again" not in page

    page = desk.post(edit_url(anna), {"send_link": "1"}, follow=True).content.decode()

    assert "We are sending a link to choose a new password to anna@example.com." in page
    assert [mail.to for mail in deliver_mail()] == [["anna@example.com"]]


def test_too_many_links_are_refused_with_a_sentence(desk, ben):
    for _time in range(5):
        desk.post(edit_url(ben), {"send_link": "1"})

    page = desk.post(edit_url(ben), {"send_link": "1"}, follow=True).content.decode()

    assert "Too many attempts." in page


def test_no_link_is_sent_to_oneself_or_to_an_inactive_person(desk, owner, ben):
    User.objects.filter(pk=ben.pk).update(is_active=False)

    for user in (owner, ben):
        assert 'name="send_link"' not in desk.get(edit_url(user)).content.decode()


def test_a_corrected_email_is_invited(desk, at):
    ben = make_staff("employee", name="Ben Vos", email="ben@exmaple.com")

    page = desk.post(edit_url(ben), edited(ben, email="ben@example.com"), follow=True).content.decode()

    assert INVITED in page
    assert [mail.to for mail in deliver_mail()] == [["ben@example.com"]]


def test_a_correction_to_a_taken_email_saves_nothing_at_all(desk, ben):
    make_customer(email="mira@example.com")
    canal = make_shop("canal")

    page = desk.post(edit_url(ben), edited(ben, email="mira@example.com", name="Benno", shops=[canal.pk]))

    assert "Another account has this email address." in page.content.decode()
    fresh = User.objects.get(pk=ben.pk)
    assert (fresh.email, fresh.name, posts(ben)) == ("ben@example.com", "Ben Vos", set())


def test_ones_own_address_cannot_be_changed_here(desk, owner):
    fields = edited(owner, role="owner", email="new@example.com")

    desk.post(edit_url(owner), fields)

    assert User.objects.get(pk=owner.pk).email == owner.email
    assert is_signed_in(desk)


@pytest.mark.parametrize("role", ["shop_manager", "editor", "price_manager", "employee"])
def test_only_an_owner_can_send_links(client, owner, ben, role):
    deliver_mail()
    user = make_staff(role)
    sign_in(client, user.email, PASSWORD)

    response = client.post(edit_url(ben), {"send_link": "1"})

    assert response.status_code in (302, 404)
    assert deliver_mail() == []
