"""How emails look: their readers know neither style sheets nor custom properties, so every element carries its style.

The colours are those of storefront/css/tokens.css; a test compares them.
"""

LIGHT = {
    "surface": "#f3f6fa",
    "raised": "#ffffff",
    "ink": "#131a2b",
    "muted": "#55617a",
    "line": "#d9e0ea",
    "cobalt": "#2340c4",
    "on-cobalt": "#ffffff",
}
# For readers that honour prefers-color-scheme.
DARK = {
    "ground": "#0d1220",
    "surface": "#161d30",
    "ink": "#edf1fa",
    "muted": "#a9b4cb",
    "line": "#2c3752",
    "cobalt": "#9db1ff",
}
# The inner rim of the plate: half of its ground shines through, which emails cannot say.
PLATE_RIM = "#8796e0"

_INK, _MUTED, _RULE = (f"color:{LIGHT['ink']}", f"color:{LIGHT['muted']}", f"border-top:1px solid {LIGHT['line']}")
_ON_COBALT = f"background:{LIGHT['cobalt']};color:{LIGHT['on-cobalt']}"

STYLES = {
    "body": f"margin:0;padding:0;background:{LIGHT['surface']}",
    "ground": f"background:{LIGHT['surface']}",
    "card": (
        "max-width:560px;width:100%;table-layout:fixed;overflow-wrap:anywhere;word-break:break-word;"
        f"background:{LIGHT['raised']};border-top:4px solid {LIGHT['cobalt']};border-radius:4px 4px 14px 14px;"
        f"font-family:'Golos Text',Arial,sans-serif;font-size:16px;line-height:24px;{_INK}"
    ),
    "name": f"padding:32px 40px 8px;font-size:20px;font-weight:700;{_INK}",
    "head": f"padding:8px 40px 0;{_INK}",
    "intro": f"margin:12px 0 0;{_MUTED}",
    "plate": f"background:{LIGHT['cobalt']};border-radius:14px;padding:6px",
    "number": (
        f"border:1px solid {PLATE_RIM};border-radius:9px;padding:16px;color:{LIGHT['on-cobalt']};"
        "font-size:38px;line-height:44px;font-weight:800;letter-spacing:2px"
    ),
    "code": f"display:block;background:{LIGHT['raised']};border:0",
    "button": (
        f"display:inline-block;background:{LIGHT['cobalt']};color:{LIGHT['on-cobalt']}!important;"
        "text-decoration:none;font-weight:700;padding:14px 28px;border-radius:99px"
    ),
    "after": f"padding:24px 40px 32px;{_MUTED};font-size:14px;line-height:20px",
    "goods": f"padding:28px 40px 0;{_INK}",
    "row": f"padding:10px 0;{_RULE}",
    "amount": f"padding:10px 0 10px 12px;{_RULE};white-space:nowrap",
    "options": f"{_MUTED};font-size:13px",
    "total": f"padding:12px 0;{_RULE};font-weight:700",
    "total-amount": f"padding:12px 0 12px 12px;{_RULE};font-weight:700;font-size:20px;white-space:nowrap",
    "paid": f"{_MUTED};font-size:13px;font-weight:400",
    "shop": f"padding:24px 40px 36px;{_MUTED};font-size:14px;line-height:21px",
    "letter": (
        "display:inline-block;width:28px;height:28px;line-height:28px;text-align:center;"
        f"{_ON_COBALT};border-radius:14px;font-weight:700;font-size:14px"
    ),
    "address": f"padding-left:12px;{_MUTED}",
    "ink": _INK,
}

# What a style attribute cannot say: the dark theme and narrow screens, for readers that keep a <style>.
SHEET = (
    f":root{{color-scheme:light dark}}a{{color:{LIGHT['cobalt']}}}"
    f"@media (prefers-color-scheme:dark){{.bg{{background:{DARK['ground']}!important}}"
    f".card{{background:{DARK['surface']}!important}}.ink{{color:{DARK['ink']}!important}}"
    f".muted{{color:{DARK['muted']}!important}}.rule{{border-color:{DARK['line']}!important}}"
    f"a{{color:{DARK['cobalt']}!important}}}}"
    "@media (max-width:480px){.pad{padding:20px!important}.big{font-size:30px!important}}"
)
