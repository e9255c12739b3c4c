"""Pages of the person who is signed in, under /account/."""

from django.urls import path

from accounts import mine_views, phone_views, privacy_views, security_views

app_name = "mine"
urlpatterns = [
    path("profile/", mine_views.profile, name="profile"),
    path("profile/news/", mine_views.news, name="news"),
    path("addresses/", mine_views.addresses, name="addresses"),
    path("addresses/new/", mine_views.new_address, name="address-new"),
    path("addresses/<uuid:key>/", mine_views.address, name="address"),
    path("addresses/<uuid:key>/remove/", mine_views.drop_address, name="address-remove"),
    path("phone/", phone_views.page, name="phone"),
    path("phone/code/", phone_views.send, name="phone-send"),
    path("phone/check/", phone_views.check, name="phone-check"),
    path("security/", security_views.page, name="security"),
    path("security/end/", security_views.end, name="end-session"),
    path("privacy/", privacy_views.page, name="privacy"),
    path("privacy/download/", privacy_views.download, name="download"),
    path("privacy/delete/", privacy_views.delete, name="delete"),
    path("deleted/", privacy_views.deleted, name="deleted"),
]
