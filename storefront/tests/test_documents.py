"""Documents: what lies in a restricted collection opens by its view only, and runs nothing."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from wagtail.models import Collection, CollectionViewRestriction

from common.models import Paper

pytestmark = pytest.mark.django_db
BODY = b"<script>alert(1)</script>"


@pytest.fixture
def paper():
    paper = Paper(title="Price list", collection=Collection.get_first_root_node())
    paper.file.save("prices.html", ContentFile(BODY))
    yield paper
    paper.file.delete(save=False)


def test_no_document_lies_where_the_web_server_looks(paper):
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
