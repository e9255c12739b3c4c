"""My account: profile and addresses. The pages about one's data are in privacy_views.py."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import actor_of
from accounts.mine_forms import AddressForm, ProfileForm
from accounts.models import Address
from accounts.selectors import address_of, addresses_of
from accounts.services.addresses import (
    TooManyAddresses,
    UnknownAddress,
    add_address,
    change_address,
    remove_address,
)
from accounts.services.profile import NameNeeded, change_profile, choose_news
from common import clock
from common.http import post_only, see_other

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
@never_cache
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change one's own name and language."""
    user = request.user
    form = ProfileForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        language = form.cleaned_data.get("language", user.language)
        try:
            change_profile(user_id=user.pk, name=form.cleaned_data["name"], language=language)
        except NameNeeded as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, gettext("Your profile has been saved."))
            return see_other(reverse("mine:profile"))
    status = 422 if form.errors else 200
    return render(request, "account/profile.html", {"form": form, "visitor": user}, status=status)


@post_only
@never_cache
@login_required
def news(request: HttpRequest) -> HttpResponse:
    """Agree to news by email, or withdraw it. The button names the wish, so an old tab reverses nothing."""
    wish = request.POST.get("news")
    if wish not in ("yes", "no"):
        return HttpResponseBadRequest("news is yes or no")
    wants = wish == "yes"
    choose_news(user_id=request.user.pk, wants=wants, actor=actor_of(request.user), at=clock.now())
    said = gettext("You get news by email from now on.") if wants else gettext("You won’t get any more news by email.")
    messages.success(request, said)
    return see_other(reverse("mine:profile"))


@require_safe
@never_cache
@login_required
def addresses(request: HttpRequest) -> HttpResponse:
    """List the addresses that are kept."""
    context = {"addresses": addresses_of(request.user), "most": Address.MOST}
    return render(request, "account/addresses.html", context)


@require_http_methods(FORM)
@never_cache
@login_required
def new_address(request: HttpRequest) -> HttpResponse:
    """Add an address."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        is_usual = form.cleaned_data["is_usual"]
        try:
            add_address(user_id=request.user.pk, details=form.details_given, is_usual=is_usual, at=clock.now())
        except TooManyAddresses as error:
            form.add_error(None, error.message)
        else:
            return _saved(request)
    return _address_page(request, form)


@require_http_methods(FORM)
@never_cache
@login_required
def address(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Change an address."""
    found = address_of(request.user, key)
    if found is None:
        raise Http404("no such address")
    form = AddressForm(request.POST if request.method == "POST" else None, address=found)
    if request.method == "POST" and form.is_valid():
        is_usual = form.cleaned_data.get("is_usual", found.is_usual)
        try:
            change_address(user_id=request.user.pk, public_id=key, details=form.details_given, is_usual=is_usual)
        except UnknownAddress as error:
            raise Http404("no such address") from error
        return _saved(request)
    return _address_page(request, form, found)


@post_only
@never_cache
@login_required
def drop_address(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Remove an address. One that is gone already, or somebody else's, is not there to be removed."""
    try:
        remove_address(user_id=request.user.pk, public_id=key)
    except UnknownAddress as error:
        raise Http404("no such address") from error
    messages.success(request, gettext("The address has been removed."))
    return see_other(reverse("mine:addresses"))


def _saved(request: HttpRequest) -> HttpResponse:
    messages.success(request, gettext("The address has been saved."))
    return see_other(reverse("mine:addresses"))


def _address_page(request: HttpRequest, form: AddressForm, found: Address | None = None) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "account/address.html", {"form": form, "address": found}, status=status)
