"""Pages of the person who is signed in, under /account/."""

from django.urls import path

from accounts import mine_views, phone_views, privacy_views, security_views

app_name = "mine"
urlpatterns = [
    path("account/profile/", mine_views.profile, name="profile"),
    path("account/addresses/", mine_views.addresses, name="addresses"),
    path("account/addresses/new/", mine_views.new_address, name="address-new"),
    path("account/addresses/<uuid:key>/", mine_views.address, name="address"),
    path("account/addresses/<uuid:key>/remove/", mine_views.drop_address, name="address-remove"),
    path("account/phone/", phone_views.page, name="phone"),
    path("account/phone/code/", phone_views.send, name="phone-send"),
    path("account/phone/check/", phone_views.check, name="phone-check"),
    path("account/security/", security_views.page, name="security"),
    path("account/security/end/", security_views.end, name="end-session"),
    path("account/privacy/", privacy_views.page, name="privacy"),
    path("account/privacy/download/", privacy_views.download, name="download"),
    path("account/privacy/delete/", privacy_views.delete, name="delete"),
    path("account/deleted/", privacy_views.deleted, name="deleted"),
]
