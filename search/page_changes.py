"""What a search finds: the words of the index."""

from common.page_changes.watches import TEXTS, Watch, watch

watch(Watch("wagtailsearch.IndexEntry", (f"'{TEXTS}'",)))
