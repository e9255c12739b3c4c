"""Uploading pictures: whatever is sent, the editor gets a picture or an explanation."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.models import Collection

from accounts.models import User
from common.models import Picture
from common.pictures.preparing import PictureRefused
from common.tests.pictures import BROKEN, CAMERA, ODD, PLACE, file_of, noise, png_of, private_exif

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning"),
]
AJAX = {"x-requested-with": "XMLHttpRequest"}
FEW = ("half.jpg", "drawing.svg", "no-size.png", "bomb.png")


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


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


@pytest.mark.parametrize("name", FEW)
def test_a_broken_picture_among_many_is_refused_with_a_sentence(editor, name):
    response = upload(editor, name, BROKEN[name], "/admin/images/multiple/add/", "files[]", **AJAX)

    assert response.status_code == 200
    assert not response.json()["success"]
    assert not Picture.objects.exists()


@pytest.mark.parametrize(("name", "form"), [("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.webp", "WEBP"), ("a.gif", "GIF")])
def test_an_intact_picture_is_accepted(editor, name, form):
    assert upload(editor, name, file_of(noise(), form)).status_code == 302

    taken = Picture.objects.get()
    assert (taken.width, taken.height) == (400, 300)


def test_a_large_upload_kept_on_disk_is_accepted(editor):
    body = file_of(noise((1800, 1200)))
    assert len(body) > 2_500_000

    assert upload(editor, "large.png", body).status_code == 302

    taken = Picture.objects.get()
    assert taken.file.size == len(body)


def test_an_intact_picture_among_many_is_accepted_and_named(editor):
    sent = upload(editor, "a.jpg", file_of(noise(), "JPEG"), "/admin/images/multiple/add/", "files[]", **AJAX).json()
    number = sent["image_id"]

    named = editor.post(
        f"/admin/images/multiple/{number}/",
        {f"image-{number}-title": "Rye", f"image-{number}-collection": Collection.get_first_root_node().pk},
        headers=AJAX,
    )

    assert named.json()["success"]
    taken = Picture.objects.get()
    assert taken.title == "Rye"


@pytest.mark.parametrize("name", ODD)
def test_a_picture_in_an_unusual_format_is_accepted(editor, name):
    assert upload(editor, name, ODD[name]).status_code == 302

    taken = Picture.objects.get()
    with Image.open(taken.file.path) as stored:
        assert (taken.width, taken.height) == stored.size == Image.open(BytesIO(ODD[name])).size
    assert taken.file_size == taken.file.size
    assert set(taken.get_renditions("fill-280x280|format-webp", "fill-560x560|format-jpeg")) == {
        "fill-280x280|format-webp",
        "fill-560x560|format-jpeg",
    }


def test_forty_megapixels_are_refused_with_a_sentence(editor):
    response = upload(editor, "vast.png", png_of(8200, 5000, rows=b""))

    sentence = "This picture has more than 40 megapixels. Save it smaller, then try again."
    assert response.context["form"].errors["file"] == [sentence]
    assert not Picture.objects.exists()


def clean(name: str) -> bool:
    with Picture._meta.get_field("file").storage.open(name) as file:
        body = file.read()
    return PLACE not in body and CAMERA.encode() not in body


PHOTO = file_of(noise(), "JPEG", exif=private_exif(6))


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/admin/images/add/", "file"),
        ("/admin/images/multiple/add/", "files[]"),
        ("/admin/images/chooser/create/", "image-chooser-upload-file"),
    ],
)
def test_every_upload_form_strips_place_and_camera(editor, path, field):
    prefix = "image-chooser-upload-" if "chooser" in path else ""
    data = {f"{prefix}title": "Loaf", f"{prefix}collection": Collection.get_first_root_node().pk}

    response = editor.post(path, {**data, field: SimpleUploadedFile("a.jpg", PHOTO)}, headers=AJAX)

    taken = Picture.objects.get()
    assert response.status_code in (200, 302)
    assert clean(taken.file.name)
    assert clean(taken.get_rendition("fill-280x280|format-jpeg").file.name)
    # Taken in portrait: 300 by 400 as people see it; rounded down to whole pixels.
    assert (taken.get_rendition("width-200").width, taken.get_rendition("width-200").height) == (200, 266)


def test_replacing_a_file_strips_place_and_camera(editor):
    upload(editor, "a.png", file_of(noise()))
    taken = Picture.objects.get()

    upload(editor, "b.jpg", PHOTO, f"/admin/images/{taken.pk}/")

    taken.refresh_from_db()
    assert taken.file.name.endswith(".jpg")
    assert clean(taken.file.name)


def test_saving_a_picture_in_code_strips_place_and_camera():
    first = Picture(title="Loaf", file=ContentFile(PHOTO, name="a.jpg"))
    first.save()
    second = Picture(title="Loaf", width=1, height=1)
    second.file.save("b.jpg", ContentFile(PHOTO))

    assert clean(first.file.name)
    assert clean(second.file.name)


@pytest.mark.parametrize("name", FEW)
def test_code_cannot_store_a_picture_that_no_page_could_show(name, tmp_path):
    picture = Picture(title="Loaf", width=1, height=1)

    with pytest.raises(PictureRefused):
        picture.file.save(name, ContentFile(BROKEN[name]))

    assert not Picture.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
