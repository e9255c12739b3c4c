"""Preparing uploaded pictures: unusual ones are converted, broken ones refused, no private data is kept."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from common.models import Picture
from common.page_changes.feed import NEVER, collecting
from common.pictures.cutting import cut
from common.pictures.preparing import PictureRefused, prepare, try_cuts
from common.tests.pictures import BROKEN, CAMERA, ODD, PLACE, SRGB, file_of, noise, private_exif

pytestmark = pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
FORMS = [("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp")]


def opened(body: bytes) -> Image.Image:
    picture = Image.open(BytesIO(body))
    picture.load()
    return picture


@pytest.mark.parametrize("name", ODD)
def test_an_unusual_picture_is_converted_so_that_every_page_can_show_it(name):
    before = Image.open(BytesIO(ODD[name]))

    prepared = prepare(ODD[name], name)

    after = opened(prepared.body)
    assert after.size == before.size
    assert after.mode in ("1", "L", "LA", "P", "RGB", "RGBA")
    assert getattr(after, "n_frames", 1) == (1 if name == "animated.png" else getattr(before, "n_frames", 1))
    assert after.format in ("JPEG", "PNG", "WEBP", "GIF")
    assert prepared.name.rpartition(".")[2].replace("jpg", "jpeg").upper() == after.format
    try_cuts(prepared)


@pytest.mark.parametrize("name", BROKEN)
def test_a_picture_no_page_could_show_is_refused_with_a_sentence(name):
    with pytest.raises(PictureRefused, match=r"\.$"):
        prepare(BROKEN[name], name)


@pytest.mark.parametrize("name", ["bomb.png", "forty-one-megapixels.png"])
def test_too_many_pixels_are_refused_before_they_are_decoded(name):
    with pytest.raises(PictureRefused, match=r"^This picture has more than 40 megapixels\."):
        prepare(BROKEN[name], name)


@pytest.mark.parametrize("name", ["a.png", "a.b.gif", "a", "photo.JPEG", "photo.jpg"])
def test_a_file_is_named_after_its_actual_format(name):
    prepared = prepare(file_of(noise(), "JPEG"), name)

    assert prepared.name == {"a.png": "a.jpg", "a.b.gif": "a.b.jpg", "a": "a.jpg"}.get(name, name)


def test_sixteen_bits_keep_their_shades():
    ramp = Image.new("I;16", (256, 1))
    ramp.putdata([shade * 257 for shade in range(256)])

    prepared = prepare(file_of(ramp), "ramp.png")

    assert opened(prepared.body).convert("L").tobytes() == bytes(range(256))


@pytest.mark.parametrize(("form", "name"), FORMS)
@pytest.mark.parametrize("orientation", [None, 6])
def test_place_and_camera_are_stripped_and_the_orientation_is_kept(form, name, orientation):
    body = file_of(noise(), form, exif=private_exif(orientation))
    assert PLACE in body
    assert CAMERA.encode() in body

    prepared = prepare(body, name)

    after = opened(prepared.body)
    assert PLACE not in prepared.body
    assert CAMERA.encode() not in prepared.body
    assert dict(after.getexif()) == ({0x0112: orientation} if orientation else {})
    assert after.tobytes() == opened(body).tobytes()


def test_names_comments_and_trailing_data_are_stripped():
    secret = b"Anna at home"
    jpeg = file_of(noise(), "JPEG", comment=secret, xmp=secret) + secret
    gif = file_of(noise(mode="P"), "GIF", comment=secret) + secret
    named = PngInfo()
    named.add_text("Author", secret.decode())
    png = file_of(noise(), pnginfo=named) + secret
    webp = file_of(noise(), "WEBP", xmp=secret)

    for name, body in (("a.jpg", jpeg), ("a.gif", gif), ("a.png", png), ("a.webp", webp)):
        prepared = prepare(body, name)

        assert secret in body
        assert secret not in prepared.body
        assert opened(prepared.body).tobytes() == opened(body).tobytes()


def test_a_picture_without_metadata_is_kept_byte_for_byte():
    for form, name in FORMS:
        body = file_of(noise(), form)

        assert prepare(body, name).body == body


def test_a_colour_profile_is_kept():
    prepared = prepare(file_of(noise(), "JPEG", icc_profile=SRGB), "a.jpg")

    assert opened(prepared.body).info["icc_profile"] == SRGB


@pytest.mark.django_db
def test_a_picture_is_left_out_for_now_while_another_writer_keeps_it_from_being_cut(monkeypatch):
    picture = Picture.objects.create(title="Loaf", file=ContentFile(ODD["palette.png"], name="loaf.png"))

    def locked(*specs: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(picture, "get_renditions", locked)
    with collecting() as tags:
        found = cut(picture, ["width-100"])

    assert found == {}
    assert NEVER in tags


@pytest.mark.django_db
def test_a_picture_is_cut_without_a_trace_on_the_object_that_threads_share():
    picture = Picture.objects.create(title="Loaf", file=ContentFile(ODD["palette.png"], name="loaf.png"))
    shared = Picture.objects.get(pk=picture.pk)
    shared.prefetched_renditions = []

    found = cut(shared, ["width-100", "width-50"])

    assert set(found) == {"width-100", "width-50"}
    assert vars(shared.file).get("_file") is None
    assert shared.prefetched_renditions == []
