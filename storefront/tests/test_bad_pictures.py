"""No picture breaks a page: one that cannot be resized is replaced by a placeholder, and staff are told."""

from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.urls import reverse

from accounts.models import User
from common.models import Picture
from common.tests.pictures import BROKEN, CAMERA, ODD, PLACE, file_of, noise, private_exif
from orders.tests.factories import make_order
from products.broken_pictures import PATIENCE
from products.models import Sku
from products.pictures import GALLERY_SPECS, make
from products.tests.factories import make_category, make_product, make_tree

pytestmark = pytest.mark.django_db
# As stored before uploads were prepared; None is a file that no longer exists.
STORED = {
    "16 bits": ODD["16-bit-grey.png"],
    "half": BROKEN["half.jpg"],
    "a text": BROKEN["text.png"],
    "empty": b"",
    "broken profile": ODD["cmyk-wrong-profile.jpg"],
    "gone": None,
}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


def stored(body: bytes | None, title: str = "Loaf") -> Picture:
    """Return a picture whose file was stored as uploaded."""
    picture = Picture(title=title, file=ContentFile(file_of(noise()), name="a.png"))
    picture.save()
    path = Path(picture.file.path)
    if body is None:
        path.unlink()
    else:
        path.write_bytes(body)
    return picture


@pytest.fixture(params=STORED.values(), ids=STORED)
def shop(request, at):
    """Return a loaf with two bad pictures, in a category, on the home page and in an order."""
    picture = stored(request.param)
    category = make_category("Bread")
    page = make_product("Rye loaf", codes=("RYE",), categories=[category], cover=picture, last_published_at=at)
    for _ in range(2):
        page.gallery.add(page.gallery.model(image=picture))
    page.save()
    home = make_tree().home
    home.hero_image = picture
    home.save()
    return page, category, make_order(at, sku=Sku.objects.get(code="RYE"))


def test_every_page_is_shown_without_the_picture(client, shop):
    page, category, order = shop

    for address in (page.url, category.url, "/", "/catalogue/?sort=new", "/search/?q=rye"):
        response = client.get(address)

        assert response.status_code == 200, address
        assert "Rye loaf" in response.content.decode(), address
    assert client.get(f"/orders/{order.token}/").status_code == 200
    assert client.get(page.url).content.decode().count("picture--void") >= 2


def test_a_bad_picture_is_decoded_once_and_not_on_every_visit(client, monkeypatch, at):
    picture = stored(BROKEN["half.jpg"])
    page = make_product("Rye loaf", cover=picture)
    page.gallery.add(page.gallery.model(image=picture))
    page.save()
    client.get(page.url)
    cuts = []
    monkeypatch.setattr(Picture, "generate_rendition_file", lambda self, *args, **kwargs: cuts.append(self))

    client.get(page.url)

    assert cuts == []


def test_the_admin_lists_bad_pictures_without_failing(client):
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))
    pictures = [stored(body) for body in STORED.values()]

    assert client.get(reverse("wagtailimages:index")).status_code == 200
    for picture in pictures:
        assert client.get(reverse("wagtailimages:edit", args=[picture.pk])).status_code == 200


def test_one_bad_picture_does_not_keep_others_from_being_resized():
    bad, good = stored(BROKEN["half.jpg"], "a"), stored(file_of(noise()), "b")

    with pytest.raises(OSError, match="cannot be cut"):
        make([bad, good])

    assert set(good.renditions.values_list("filter_spec", flat=True)) == set(GALLERY_SPECS)


def test_staff_see_which_pictures_buyers_cannot_see(client, stopped_clock, at):
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))
    bad, good, waiting = stored(BROKEN["half.jpg"], "Bad"), stored(file_of(noise()), "Good"), stored(None, "Waiting")
    for title, picture, since in (("A", bad, 2 * PATIENCE), ("B", good, 2 * PATIENCE), ("C", waiting, PATIENCE / 2)):
        page = make_product(title, codes=(title,), last_published_at=at - since)
        page.gallery.add(page.gallery.model(image=picture))
        page.save()
    make([good])

    content = client.get(reverse("wagtailadmin_home")).content.decode()

    assert "Pictures that cannot be shown" in content
    assert reverse("wagtailimages:edit", args=[bad.pk]) in content
    assert reverse("wagtailimages:edit", args=[good.pk]) not in content
    assert reverse("wagtailimages:edit", args=[waiting.pk]) not in content


def test_the_command_prepares_pictures_stored_earlier(capsys, django_capture_on_commit_callbacks):
    photo, odd = stored(file_of(noise(), exif=private_exif(6)), "Photo"), stored(ODD["16-bit-grey.png"], "Odd")
    good, _, half = (
        stored(body, title)
        for title, body in (("Good", file_of(noise())), ("Gone", None), ("Half", BROKEN["half.png"]))
    )
    old_cut = photo.get_rendition("fill-280x280|format-jpeg")
    files = {picture.pk: picture.file.name for picture in (photo, odd, good)}

    call_command("prepare_pictures", "--dry-run")
    assert "5 pictures: 2 would be prepared again, 2 cannot be shown." in capsys.readouterr().out
    assert Path(photo.file.path).read_bytes().count(PLACE) == 1
    with django_capture_on_commit_callbacks(execute=True):
        call_command("prepare_pictures")
    said = capsys.readouterr().out
    call_command("prepare_pictures")

    assert "5 pictures: 2 prepared again, 2 cannot be shown." in said
    assert f"Picture {half.pk}, Half: cannot be shown." in said
    assert "5 pictures: 0 prepared again, 2 cannot be shown." in capsys.readouterr().out
    for picture in (photo, odd, good):
        picture.refresh_from_db()
    assert CAMERA.encode() not in Path(photo.file.path).read_bytes()
    assert not Path(old_cut.file.path).exists()
    assert set(odd.renditions.values_list("filter_spec", flat=True)) == set(GALLERY_SPECS)
    assert good.file.name == files[good.pk]
    assert sorted(path.name for path in Path(photo.file.path).parent.iterdir()) == sorted(
        picture.filename for picture in (photo, odd, good, half)
    )
