"""The fields of a variant's terms in the tab, which are sent and read together when one of them has changed."""

TERM_FIELDS = (
    "code",
    "unit",
    "step",
    "min_quantity",
    "max_quantity",
    "net_amount",
    "net_unit",
    "barcode",
    "supplier",
    "position",
)
