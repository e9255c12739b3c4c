"""A document as an HTTP response: drawn for each request, and kept by nobody."""

from django.http import HttpResponse

from common.http import private
from orders.documents.pdf import render
from orders.models import Document

# The browsers' viewers of PDF are plugins, which the policy of our pages refuses.
POLICY = "frame-ancestors 'self'"


def pdf_response(document: Document, *, shows_buyer: bool = True) -> HttpResponse:
    """Return a document for the browser to show, and to save under its name."""
    response = HttpResponse(render(document, shows_buyer=shows_buyer), content_type="application/pdf")
    # The name is made of capital letters, figures and hyphens.
    response["Content-Disposition"] = f'inline; filename="{document.name}.pdf"'
    response["Content-Security-Policy"] = POLICY
    return private(response)
