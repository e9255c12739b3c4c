"""Addresses of signing up, in and out. Names are allauth's; proving a phone is left out while no text can be sent."""

from allauth.account import app_settings
from allauth.account import urls as allauth_urls
from django.urls import path, re_path

from accounts import activation_views, second_factor_views, sent_views, take_back_views, views

NEEDS_SMS = ("account_verify_phone", "account_change_phone")

urlpatterns = [
    path("login/", views.SignInView.as_view(), name="account_login"),
    path("logout/", views.SignOutView.as_view(), name="account_logout"),
    path("signup/", views.SignUpView.as_view(), name="account_signup"),
    path("reauthenticate/", views.ReauthenticateView.as_view(), name="account_reauthenticate"),
    path("email/", views.EmailView.as_view(), name="account_email"),
    path("confirm-email/", sent_views.SentView.as_view(), name="account_email_verification_sent"),
    path("confirm-email/new/", views.ResendView.as_view(), name="account_resend_confirmation"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", views.ConfirmEmailView.as_view(), name="account_confirm_email"),
    path("activate/<str:key>/", activation_views.activate, name="account_activate"),
    path("not-me/<str:key>/", take_back_views.page, name="account_take_back"),
    path("2fa/", second_factor_views.page, name="mfa_index"),
    path("2fa/code/", second_factor_views.CodeView.as_view(), name="mfa_authenticate"),
    path("2fa/on/", second_factor_views.TurnOnView.as_view(), name="mfa_activate_totp"),
    path("2fa/another/", second_factor_views.AnotherAppView.as_view(), name="mfa_another_app"),
    path("2fa/off/", second_factor_views.turn_off_page, name="mfa_deactivate_totp"),
    path("2fa/codes/", second_factor_views.codes, name="mfa_view_recovery_codes"),
    path("2fa/codes/new/", second_factor_views.new_codes, name="mfa_generate_recovery_codes"),
    path("2fa/codes/file/", second_factor_views.codes_file, name="mfa_download_recovery_codes"),
    path("password/change/", views.PasswordChangeView.as_view(), name="account_change_password"),
    path("password/set/", views.PasswordSetView.as_view(), name="account_set_password"),
    path("password/reset/", views.PasswordResetView.as_view(), name="account_reset_password"),
    path("password/reset/done/", sent_views.ResetSentView.as_view(), name="account_reset_password_done"),
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
