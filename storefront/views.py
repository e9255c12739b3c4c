"""What a refused token looks like."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.http import is_same_origin


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say what to do when a form's token is missing or old; keep what was entered on a page of ours.

    What another site wrote is not offered again: one press of our button would do what its author wants.
    """
    if not is_same_origin(request):
        return render(request, "403_foreign.html", status=403)
    fields = [(name, value) for name, values in request.POST.lists() for value in values if "password" not in name]
    return render(request, "403_confirm.html", {"fields": fields, "action": request.path}, status=403)
