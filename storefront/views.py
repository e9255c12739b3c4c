"""What a refused token looks like."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say what to do when a form's token is missing or old; keep what was entered."""
    fields = [(name, value) for name, values in request.POST.lists() for value in values if "password" not in name]
    return render(request, "403_confirm.html", {"fields": fields, "action": request.path}, status=403)
