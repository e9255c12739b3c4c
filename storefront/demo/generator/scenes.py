"""The places of the drawings on each picture of the demo shop.

An item is (drawing, size, x, y, rotation) on a 1000 x 1000 board; `lying` things throw their shadow
all around, the others stand on it. A drawing may be recoloured: "name@hue,saturation,value".
"""

Item = tuple[str, int, int, int, int]
Scene = tuple[list[Item], bool]

LYING, STANDING = True, False


def _one(name: str, size: int = 680, y: int = 490, lying: bool = STANDING, turn: int = 0) -> Scene:
    return [(name, size, 500, y, turn)], lying


SCENES: dict[str, Scene] = {
    "miche": _one("bread", 680, 480),
    "miche-butter": ([("bread", 520, 390, 430, 0), ("butter", 430, 690, 610, 0)], STANDING),
    "miche-sandwich": _one("sandwich", 620),
    "baguette": ([("baguette-bread", 620, 430, 440, 6), ("baguette-bread", 620, 570, 560, 6)], LYING),
    "bagel": _one("bagel@8,0.55,0.98", 700, lying=LYING),
    "pretzel": _one("pretzel", 720, lying=LYING),
    "focaccia": ([("flatbread", 520, 390, 420, 12), ("flatbread", 560, 580, 570, -14)], LYING),
    "tin-loaf": ([("bread@8,0.75,1.08", 560, 430, 470, 0), ("bread@8,0.75,1.08", 420, 690, 590, 0)], STANDING),
    "rye": _one("bread@-4,1.05,0.62", 660, 480),
    "corn-bread": ([("bread@10,1.1,1.08", 560, 420, 440, 0), ("ear-of-corn", 380, 700, 600, 18)], STANDING),
    "croissant": _one("croissant", 690, lying=LYING),
    "croissant-almond": (
        [("croissant@-4,1,0.94", 600, 480, 450, 8), ("chestnut", 180, 720, 700, 20), ("chestnut", 150, 300, 720, -30)],
        LYING,
    ),
    "waffle": _one("waffle", 760),
    "doughnut": _one("doughnut@-18,0.9,0.72", 640),
    "pancakes": _one("pancakes", 680),
    "cherry-bun": ([("cupcake@34,0.72,0.97", 560, 460, 470, 0), ("cherries", 260, 740, 650, 0)], STANDING),
    "moon-cake": ([("moon-cake", 480, 380, 420, -6), ("moon-cake", 540, 590, 580, 8)], LYING),
    "shortcake": _one("shortcake", 680, 480),
    "celebration": _one("birthday-cake", 680, 480),
    "pie": _one("pie", 680),
    "custard": _one("custard", 700, 450),
    "cookie": ([("cookie", 440, 360, 400, -24), ("cookie", 540, 580, 570, 14)], LYING),
    "fortune": ([("fortune-cookie", 460, 390, 430, -8), ("fortune-cookie", 500, 590, 580, 12)], LYING),
    "crackers": ([("flatbread@-4,1.1,0.62", 460, 380, 420, -14), ("flatbread@-4,1,0.72", 520, 590, 570, 10)], LYING),
    "sandwich": _one("sandwich", 680),
    "pita": _one("stuffed-flatbread", 660),
    "salad": _one("green-salad", 700),
    "soup": _one("pot-of-food", 700),
    "egg": ([("cooking", 680, 500, 490, 0)], LYING),
    "flat-white": _one("hot-beverage", 680),
    "filter": _one("mug", 780, 480),
    "iced": _one("cup-with-straw@-115,1,0.9", 700, 480),
    "teapot": _one("teapot@-118,0.95,0.9", 700, 480),
    "bubble-tea": _one("bubble-tea", 700, 480),
    "lemonade": ([("cup-with-straw@-160,0.8,1", 620, 430, 460, 0), ("lemon", 320, 710, 640, 10)], STANDING),
    "mate": _one("mate", 680, 480),
    "bag-guji": _one("bag-guji", 860),
    "bag-canal": _one("bag-canal", 860),
    "bag-nyeri": _one("bag-nyeri", 860),
    "bag-huehue": _one("bag-huehue", 860),
    "bag-harbour": _one("bag-harbour", 860),
    "bag-huila": _one("bag-huila", 860),
    "tin-breakfast": _one("tin-breakfast", 780),
    "sencha": _one("teacup-without-handle", 660, 470),
    "tin-lapsang": _one("tin-lapsang", 780),
    "butter": _one("butter", 760, 430),
    "cheese": _one("cheese-wedge", 680, 480),
    "goat": ([("cheese-wedge@0,0.18,1.1", 520, 430, 470, 0), ("herb", 300, 710, 620, 12)], STANDING),
    "milk": _one("glass-of-milk", 640),
    "eggs": _one("nest-with-eggs", 720),
    "honey": _one("honey-pot", 680, 480),
    "jam": ([("jar@-165,1.5,0.95", 560, 440, 460, 0), ("strawberry", 280, 710, 640, 12)], STANDING),
    "olive": ([("olive", 460, 390, 430, -10), ("olive", 500, 590, 570, 14)], LYING),
    "salt": _one("salt", 640, 480),
    "chocolate": _one("chocolate-bar", 680, lying=LYING),
    "nuts": (
        [
            ("chestnut", 320, 340, 420, -20),
            ("chestnut@8,0.8,1.2", 300, 640, 380, 16),
            ("chestnut@-6,1,0.9", 360, 500, 620, 6),
        ],
        LYING,
    ),
    "peanuts": _one("peanuts", 640, lying=LYING),
    "apples": ([("red-apple", 460, 390, 450, -8), ("red-apple@6,1,1.05", 500, 600, 550, 8)], STANDING),
    "tomato": ([("tomato", 460, 390, 450, -6), ("tomato", 500, 600, 550, 10)], STANDING),
    "lemon": _one("lemon", 640, lying=LYING),
    "basil": _one("potted-plant", 660, 480),
    "mug": _one("mug", 780, 480),
    "tee": _one("t-shirt@112,0.95,0.92", 720, lying=LYING),
    "cap": _one("billed-cap", 680),
    "socks": _one("socks", 660, lying=LYING),
    "basket": _one("basket", 700),
    "knife": _one("kitchen-knife", 680, lying=LYING),
    "book": _one("blue-book", 640, lying=LYING),
    "gift": _one("wrapped-gift@-130,0.9,0.95", 680, 480),
    "sweets": ([("candy", 420, 370, 420, -10), ("lollipop", 400, 640, 400, 10), ("cookie", 420, 520, 650, 0)], LYING),
}

HERO: list[Item] = [
    ("baguette-bread", 600, 330, 330, 18),
    ("bread", 470, 780, 390, 0),
    ("mug", 560, 560, 500, 0),
    ("croissant", 400, 250, 640, -8),
    ("cookie", 230, 860, 700, 12),
]
