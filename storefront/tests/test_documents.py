"""Documents: one in a restricted collection opens through its view only, and none runs as a script."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.models import Collection, CollectionViewRestriction

from accounts.models import User
from common.models import Paper

pytestmark = pytest.mark.django_db
BODY = b"<script>alert(1)</script>"


@pytest.fixture
def paper():
    paper = Paper(title="Price list", collection=Collection.get_first_root_node())
    paper.file.save("prices.html", ContentFile(BODY))
    yield paper
    paper.file.delete(save=False)


def test_documents_are_stored_outside_the_public_folder(paper):
    assert not Path(paper.file.path).is_relative_to(settings.MEDIA_ROOT)


def test_a_public_document_is_downloaded_and_never_run(client, paper):
    response = client.get(paper.url)

    assert b"".join(response.streaming_content) == BODY
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Content-Security-Policy"] == "default-src 'none'"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_document_of_a_restricted_collection_asks_to_sign_in(client, paper):
    CollectionViewRestriction.objects.create(collection=paper.collection, restriction_type="login")

    response = client.get(paper.url)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("name", ["prices.html", "prices.svg", "prices.exe", "prices.jpg", "prices", "prices.pdf.js"])
def test_a_file_that_is_not_a_document_is_refused_with_a_sentence(client, name):
    response = upload(client, name)

    assert response.status_code == 200
    assert "is not allowed" in response.context["form"].errors["file"][0]
    assert not Paper.objects.exists()


def test_a_document_is_accepted(client, settings):
    assert upload(client, "prices.PDF").status_code == 302

    paper = Paper.objects.get()
    assert paper.filename.endswith(".PDF")
    paper.file.delete(save=False)


def upload(client, name):
    client.force_login(User.objects.create_superuser("root@example.com", "secret"))
    data = {
        "title": "Prices",
        "file": SimpleUploadedFile(name, BODY),
        "collection": Collection.get_first_root_node().pk,
    }
    return client.post("/admin/documents/add/", data)
