"""Drawings of our own: coffee bags, tea tins and the enamel mug, as SVG text on a 320 x 320 board."""

_GRAIN = (
    '<g transform="translate({x} {y}) rotate(28) scale({scale})">'
    '<path d="M0-20C13-14 15 10 0 20C-15 10-13-14 0-20Z" fill="{fill}"/>'
    '<path d="M1.5-15C-4-6 5 4-1 15" stroke="{line}" stroke-width="3" fill="none" stroke-linecap="round"/></g>'
)

_BAG = """
<defs>
<linearGradient id="side" x1="0" x2="1"><stop offset="0" stop-color="{dark}"/><stop offset=".16" stop-color="{mid}"/>
<stop offset=".34" stop-color="{light}"/><stop offset=".62" stop-color="{mid}"/><stop offset="1" stop-color="{dark}"/></linearGradient>
<linearGradient id="top" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#0b1330" stop-opacity=".26"/>
<stop offset="1" stop-color="#0b1330" stop-opacity="0"/></linearGradient>
<linearGradient id="foot" x1="0" y1="1" x2="0" y2="0"><stop offset="0" stop-color="#0b1330" stop-opacity=".22"/>
<stop offset="1" stop-color="#0b1330" stop-opacity="0"/></linearGradient>
</defs>
<path d="M82 62C76 140 66 220 72 288Q160 306 248 288C254 220 244 140 238 62Z" fill="url(#side)"/>
<path d="M82 62C76 140 66 220 72 288Q78 291 92 293C84 220 92 140 98 62Z" fill="#0b1330" opacity=".10"/>
<path d="M238 62C244 140 254 220 248 288Q242 291 228 293C236 220 228 140 222 62Z" fill="#0b1330" opacity=".14"/>
<path d="M82 62H238L240 96H80Z" fill="url(#top)"/>
<path d="M71 260Q70 276 72 288Q160 306 248 288Q250 276 249 260Q160 280 71 260Z" fill="url(#foot)"/>
<path d="M84 26Q160 20 236 26L239 66Q160 72 81 66Z" fill="url(#side)"/>
<path d="M84 26Q160 20 236 26L236.5 32Q160 26 83.500 32Z" fill="#fff" opacity=".5"/>
<path d="M66 50Q160 44 254 50Q258 51 258 56Q258 60 254 60Q160 66 66 60Q62 60 62 56Q62 51 66 50Z" fill="{ink}" opacity=".92"/>
<path d="M104 116Q160 113 216 116Q222 117 222 123L224 236Q224 242 218 243Q160 248 102 243Q96 242 96 236L98 123Q98 117 104 116Z" fill="{label}"/>
<path d="M109 122Q160 119.500 211 122Q216 122 216 127L218 232Q218 237 213 237.500Q160 242 107 237.500Q102 237 102 232L104 127Q104 122 109 122Z"
 fill="none" stroke="{ink}" stroke-width="1.4" opacity=".55"/>
<text x="160" y="148" font-family="ZernoDisplay" font-weight="800" font-size="24" letter-spacing="2" text-anchor="middle" fill="{ink}">ZERNO</text>
{grain}
<text x="160" y="209" font-family="ZernoDisplay" font-weight="800" font-size="{size}" text-anchor="middle" fill="{ink}">{title}</text>
<text x="160" y="227" font-family="ZernoText" font-weight="600" font-size="10" text-anchor="middle" fill="{ink}" opacity=".85">{subtitle}</text>
<path d="M112 70C104 140 100 200 102 280" stroke="#fff" stroke-width="7" opacity=".28" fill="none" stroke-linecap="round"/>
"""

_TIN = """
<defs>
<linearGradient id="body" x1="0" x2="1"><stop offset="0" stop-color="{dark}"/><stop offset=".25" stop-color="{light}"/>
<stop offset=".45" stop-color="{mid}"/><stop offset="1" stop-color="{dark}"/></linearGradient>
<linearGradient id="lid" x1="0" x2="1"><stop offset="0" stop-color="#97A3BC"/><stop offset=".3" stop-color="#FDFEFF"/>
<stop offset=".6" stop-color="#D5DCE9"/><stop offset="1" stop-color="#8591AC"/></linearGradient>
</defs>
<path d="M78 76V276Q160 304 242 276V76Z" fill="url(#body)"/>
<path d="M78 128V236Q160 262 242 236V128Q160 154 78 128Z" fill="#F7F9FD"/>
<path d="M78 128V236Q84 239 92 241V133Z" fill="#0b1330" opacity=".10"/>
<path d="M242 128V236Q232 241 214 245V139Q232 134 242 128Z" fill="#0b1330" opacity=".13"/>
<path d="M74 56V84Q160 112 246 84V56Z" fill="url(#lid)"/><ellipse cx="160" cy="56" rx="86" ry="24" fill="#EEF2F9"/>
<ellipse cx="160" cy="55" rx="72" ry="18" fill="#DCE3EF"/>
<text x="156" y="186" font-family="ZernoDisplay" font-weight="800" font-size="34" text-anchor="middle" fill="{mid}">{title}</text>
<text x="156" y="207" font-family="ZernoText" font-weight="600" font-size="11" text-anchor="middle" fill="{mid}">{subtitle}</text>
<path d="M104 96V270" stroke="#fff" stroke-width="7" opacity=".22" stroke-linecap="round"/>
"""

_MUG = """
<defs>
<linearGradient id="body" x1="0" x2="1"><stop offset="0" stop-color="#C3CEE4"/><stop offset=".12" stop-color="#E6ECF7"/>
<stop offset=".34" stop-color="#FFFFFF"/><stop offset=".66" stop-color="#F3F6FC"/><stop offset="1" stop-color="#AEBBD6"/></linearGradient>
<radialGradient id="coffee" cx=".42" cy=".35" r=".8"><stop offset="0" stop-color="#8A5A36"/><stop offset=".55" stop-color="#5B351D"/>
<stop offset="1" stop-color="#3A1F10"/></radialGradient>
<linearGradient id="rim" x1="0" x2="1"><stop offset="0" stop-color="#1A2F96"/><stop offset=".35" stop-color="#3A58E0"/>
<stop offset="1" stop-color="#16277C"/></linearGradient>
<linearGradient id="foot" x1="0" y1="1" x2="0" y2="0"><stop offset="0" stop-color="#20305c" stop-opacity=".30"/>
<stop offset="1" stop-color="#20305c" stop-opacity="0"/></linearGradient>
<linearGradient id="handle" x1="0" x2="0" y2="1"><stop offset="0" stop-color="#F7F9FD"/><stop offset="1" stop-color="#B9C5DE"/></linearGradient>
</defs>
<path d="M226 132C300 112 306 232 218 232" fill="none" stroke="url(#rim)" stroke-width="27" stroke-linecap="round"/>
<path d="M226 132C300 112 306 232 218 232" fill="none" stroke="url(#handle)" stroke-width="19" stroke-linecap="round"/>
<path d="M48 86L58 264Q60 286 86 290Q142 298 200 290Q226 286 228 264L238 86Z" fill="url(#body)"/>
<path d="M56 232L58 264Q60 286 86 290Q142 298 200 290Q226 286 228 264L230 232Q142 262 56 232Z" fill="url(#foot)"/>
<ellipse cx="143" cy="84" rx="96" ry="25" fill="url(#rim)"/><ellipse cx="143" cy="84" rx="88" ry="20" fill="#D9E1F0"/>
<ellipse cx="143" cy="90" rx="80" ry="15" fill="url(#coffee)"/>
<path d="M78 88Q100 78 140 77" stroke="#C79A6E" stroke-width="3" fill="none" opacity=".7" stroke-linecap="round"/>
<path d="M49 92Q143 128 237 92" fill="none" stroke="#fff" stroke-width="2" opacity=".55"/>
{grain}
<path d="M76 120L84 250" stroke="#fff" stroke-width="9" opacity=".8" stroke-linecap="round"/>
"""

# name: light, mid, dark, label, ink, title, subtitle
_BAGS = {
    "bag-guji": ("#FFFFFF", "#F1F4FA", "#C9D3E4", "#2340C4", "#FFFFFF", "Guji", "Ethiopia · washed"),
    "bag-canal": ("#4A66E8", "#2340C4", "#14247A", "#F7F9FD", "#1A2F96", "Canal", "House espresso"),
    "bag-nyeri": ("#B4518C", "#8A2C66", "#571A40", "#FBF3F8", "#6B1F4E", "Nyeri", "Kenya · AA"),
    "bag-huehue": ("#3C9484", "#1C6E60", "#0D4239", "#F2FAF8", "#0F4F45", "Huehue", "Guatemala · washed"),
    "bag-harbour": ("#4A536B", "#262D40", "#10141F", "#F3F6FA", "#131A2B", "Harbour", "Dark roast"),
    "bag-huila": ("#E2B98C", "#D09F6B", "#9A6A3B", "#FFF8EE", "#6B3A10", "Huila", "Decaf · Colombia"),
}
_TINS = {
    "tin-breakfast": ("#2f4fd8", "#2340C4", "#13246f", "Breakfast", "loose tea · 100 g"),
    "tin-lapsang": ("#5a4038", "#3f2a24", "#221511", "Lapsang", "smoked tea · 100 g"),
}


def own_drawing(name: str) -> str | None:
    """Return the SVG body of one of our drawings, or None when `name` is not ours."""
    if name in _BAGS:
        light, mid, dark, label, ink, title, subtitle = _BAGS[name]
        grain = _GRAIN.format(x=160, y=169, scale=0.55, fill=ink, line=label)
        size = 34 if len(title) < 7 else 27
        return _BAG.format(
            light=light,
            mid=mid,
            dark=dark,
            label=label,
            ink=ink,
            title=title,
            subtitle=subtitle,
            grain=grain,
            size=size,
        )
    if name in _TINS:
        light, mid, dark, title, subtitle = _TINS[name]
        return _TIN.format(light=light, mid=mid, dark=dark, title=title, subtitle=subtitle)
    if name == "mug":
        return _MUG.format(grain=_GRAIN.format(x=136, y=186, scale=1.75, fill="#2340C4", line="#F6F8FD"))
    return None
