"""The type of a text that may still be translated when it is shown."""

from django.utils.functional import Promise

# gettext_lazy() gives a Promise that becomes a text in the language of its reader.
Words = str | Promise
