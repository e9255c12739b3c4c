"""All addresses of the site. Catalogue, cart, checkout and account carry the language prefix."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.http import Http404
from django.urls import include, path
from django.views.defaults import page_not_found
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access
from wagtail.documents import urls as wagtaildocs_urls

from accounts.views import SignInView, SignOutView
from accounts.viewsets import StaffAccountView
from storefront import health, public_views

handler400 = "storefront.errors.bad_request"
handler404 = "storefront.errors.not_found"
handler500 = "storefront.errors.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # Browsers ask for these without being told to.
    path("favicon.ico", public_views.icon, name="favicon"),
    path("apple-touch-icon.png", public_views.icon, name="touch-icon"),
    path("fragments/accent/<str:colour>-<str:version>.css", public_views.accent, name="accent"),
    # One sign-in for all: Wagtail's own pages lead to it (they have no rate limit).
    path("admin/login/", SignInView.as_view()),
    path("admin/logout/", SignOutView.as_view()),
    path("admin/account/", require_admin_access(StaffAccountView.as_view())),
    path("_util/login/", SignInView.as_view()),
    # Wagtail's own test of its error page.
    path("admin/failwhale/", page_not_found, {"exception": Http404()}),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("staff/", include("staff.urls")),
    path("courier/", include("accounts.courier_urls")),
    path("payments/", include("orders.webhook_urls")),
]

if settings.API_IS_ON:
    urlpatterns.append(path("api/v1/", include("api.urls")))

if settings.DEBUG or getattr(settings, "SERVE_MEDIA", False):
    urlpatterns.append(path("media/<path:path>", public_views.media, name="media"))

urlpatterns += i18n_patterns(
    # Each that is tried before the one that matches costs a purchase and a page: whole areas by their first word.
    path("", include("checkout.urls")),
    path("search/", include("search.urls")),
    path("accounts/", include("accounts.urls")),
    path("account/", include("accounts.page_urls")),
    path("", include("orders.urls")),
    path("", include("staff.scan_urls")),
    # With a language prefix Wagtail's own page would be available again.
    path("_util/login/", SignInView.as_view()),
    path("", include("storefront.public_urls")),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
