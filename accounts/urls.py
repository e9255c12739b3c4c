"""Addresses of signing up, in and out. Names are allauth's; proving a phone is left out while no text can be sent."""

from allauth.account import app_settings
from allauth.account import urls as allauth_urls
from django.urls import path, re_path

from accounts import views

NEEDS_SMS = ("account_verify_phone", "account_change_phone")

urlpatterns = [
    path("login/", views.SignInView.as_view(), name="account_login"),
    path("logout/", views.SignOutView.as_view(), name="account_logout"),
    path("signup/", views.SignUpView.as_view(), name="account_signup"),
    path("reauthenticate/", views.ReauthenticateView.as_view(), name="account_reauthenticate"),
    path("email/", views.EmailView.as_view(), name="account_email"),
    path("confirm-email/new/", views.ResendView.as_view(), name="account_resend_confirmation"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", views.ConfirmEmailView.as_view(), name="account_confirm_email"),
    path("password/change/", views.PasswordChangeView.as_view(), name="account_change_password"),
    path("password/set/", views.PasswordSetView.as_view(), name="account_set_password"),
    path("password/reset/", views.PasswordResetView.as_view(), name="account_reset_password"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.PasswordResetFromKeyView.as_view(),
        name="account_reset_password_from_key",
    ),
]
_ours = {pattern.name for pattern in urlpatterns}
urlpatterns += [
    pattern
    for pattern in allauth_urls.urlpatterns
    if pattern.name not in _ours and (app_settings.PHONE_VERIFICATION_ENABLED or pattern.name not in NEEDS_SMS)
]
