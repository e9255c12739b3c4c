"""Blocks that editors compose pages from."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

TEXT_FEATURES = ["h3", "bold", "italic", "ul", "ol", "link"]


class PictureBand(blocks.StructBlock):
    """A picture beside a heading, a text and a link."""

    image = ImageBlock(required=False, label=_("Picture"))
    heading = blocks.CharBlock(max_length=80, label=_("Heading"))
    text = blocks.RichTextBlock(features=TEXT_FEATURES, required=False, label=_("Text"))
    link_text = blocks.CharBlock(max_length=40, required=False, label=_("Link text"))
    link_page = blocks.PageChooserBlock(required=False, label=_("Leads to"))

    class Meta:
        icon = "image"
        label = _("Picture and text")
        template = "blocks/picture_band.html"


class Question(blocks.StructBlock):
    """One question and its answer."""

    question = blocks.CharBlock(max_length=150, label=_("Question"))
    answer = blocks.RichTextBlock(features=TEXT_FEATURES, label=_("Answer"))


class Questions(blocks.StructBlock):
    """Questions whose answers unfold."""

    heading = blocks.CharBlock(max_length=80, required=False, label=_("Heading"))
    items = blocks.ListBlock(Question(), label=_("Questions"))

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        template = "blocks/questions.html"


class ShopHoursBlock(blocks.StaticBlock):
    """The hours of all shops, as the shell knows them."""

    class Meta:
        icon = "time"
        label = _("Shops and hours")
        admin_text = _("All shops with their hours.")
        template = "blocks/shop_hours.html"


STORY_BLOCKS = [
    ("heading", blocks.CharBlock(max_length=80, icon="title", template="blocks/heading.html", label=_("Heading"))),
    ("text", blocks.RichTextBlock(features=TEXT_FEATURES, template="blocks/text.html", label=_("Text"))),
    ("picture_band", PictureBand()),
    ("questions", Questions()),
    ("shop_hours", ShopHoursBlock()),
]
