"""Uploading pictures: whatever is sent, the editor gets a picture or a sentence."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.models import Collection

from accounts.models import User
from common.models import Picture

pytestmark = pytest.mark.django_db


def picture(form: str, size: tuple[int, int] = (400, 300)) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(file, form)
    return file.getvalue()


BROKEN = {
    "half.jpg": picture("JPEG")[:9000],
    "half.png": picture("PNG")[:9000],
    "head.png": picture("PNG")[:60],
    "rubbish.png": b"\x89PNG\r\n\x1a\n" + b"0" * 50,
    "rubbish.gif": b"GIF89a" + b"\xff" * 10,
    "rubbish.webp": b"RIFF\x00\x00\x00\x00WEBPVP8 " + b"\x00" * 40,
    "text.png": b"hello",
    "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "nothing.png": b"",
    "bomb.png": picture("PNG", (1, 1)).replace(
        b"\x00\x00\x00\x01\x00\x00\x00\x01", b"\x00\x00\x4e\x20\x00\x00\x4e\x20"
    ),
}


@pytest.fixture
def editor(client):
    client.force_login(User.objects.create_superuser("root@example.com", "a long password"))
    return client


def upload(client, name: str, body: bytes, path: str = "/admin/images/add/", field: str = "file", **headers: str):
    root = Collection.get_first_root_node()
    data = {"title": "Loaf", field: SimpleUploadedFile(name, body), "collection": root.pk}
    return client.post(path, data, headers=headers)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_picture_is_refused_with_a_sentence(editor, name):
    response = upload(editor, name, BROKEN[name])

    assert response.status_code == 200
    assert response.context["form"].errors["file"]
    assert not Picture.objects.exists()


@pytest.mark.parametrize("name", BROKEN)
def test_so_it_is_among_many(editor, name):
    response = upload(
        editor, name, BROKEN[name], "/admin/images/multiple/add/", "files[]", **{"x-requested-with": "XMLHttpRequest"}
    )

    assert response.status_code == 200
    assert not response.json()["success"]
    assert not Picture.objects.exists()


@pytest.mark.parametrize(("name", "form"), [("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.webp", "WEBP"), ("a.gif", "GIF")])
def test_a_whole_picture_is_taken(editor, name, form):
    assert upload(editor, name, picture(form)).status_code == 302

    taken = Picture.objects.get()
    assert (taken.width, taken.height) == (400, 300)
    taken.file.delete(save=False)


def test_so_is_a_large_one_that_waits_on_the_disk(editor):
    body = picture("PNG", (1800, 1200))
    assert len(body) > 2_500_000

    assert upload(editor, "large.png", body).status_code == 302

    taken = Picture.objects.get()
    assert taken.file.size == len(body)
    taken.file.delete(save=False)


def test_among_many_it_is_taken_and_named(editor):
    ajax = {"x-requested-with": "XMLHttpRequest"}
    sent = upload(editor, "a.jpg", picture("JPEG"), "/admin/images/multiple/add/", "files[]", **ajax).json()
    number = sent["image_id"]

    named = editor.post(
        f"/admin/images/multiple/{number}/",
        {f"image-{number}-title": "Rye", f"image-{number}-collection": Collection.get_first_root_node().pk},
        headers=ajax,
    )

    assert named.json()["success"]
    taken = Picture.objects.get()
    assert taken.title == "Rye"
    taken.file.delete(save=False)
