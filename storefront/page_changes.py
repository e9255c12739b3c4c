"""What of the site itself stands on public pages: identity, content, addresses, languages, restrictions."""

from common.page_changes.watches import Watch, watch

watch(
    Watch("storefront.HomePage"),
    Watch("storefront.ContentPage"),
    Watch("storefront.ShopPage"),
    Watch("storefront.Identity"),
    Watch("wagtailcore.Site"),
    Watch("wagtailcore.Locale"),
    Watch("wagtailcore.PageViewRestriction"),
)
