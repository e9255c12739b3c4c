"""Small public addresses besides the pages."""

from django.urls import path
from wagtail.contrib.sitemaps.views import sitemap

from storefront import public_views

urlpatterns = [
    path("fragments/header/", public_views.header, name="header-fragment"),
    path("choose-shop/", public_views.choose_shop, name="choose-shop"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("robots.txt", public_views.robots, name="robots"),
    path("styleguide/", public_views.styleguide, name="styleguide"),
]
