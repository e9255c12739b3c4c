"""What pages and purchases may cost: CPU of application and database as a multiple of the floor's, and how it may grow.

Ratios are gated at GATE times the goal, since machines are noisy; weights and query counts exactly.
"""

from collections.abc import Iterator, Mapping

GATE = 1.5
# Of the floor page, of the floor checkout.
PAGES = {
    "product": 2.5,
    "category": 3.5,
    "search": 5.0,
    "home": 4.0,
    "warm home": 0.12,
    "warm product": 0.12,
    "unchanged": 0.12,
}
# At 30 x the CPU the journey reached 0.041 of the rate, measured beside each other; 0.04 is the goal.
PURCHASES = {"guest journey": 30.0}
# Searches at 20,000 products and more.
LARGE = {"search": 8.0}
# The cost in the largest shop, as a multiple of the smallest's.
GROWTH = {"product": 1.05, "category": 1.15, "search": 2.0}
# Bytes gzipped at first view.
WEIGHTS = {"HTML": 8_000, "CSS": 14_000, "JS": 12_000}
IMPORT = 1.1


def beyond(size: int, ratios: Mapping[str, float]) -> Iterator[str]:
    """Return a sentence for each ratio that is beyond its gate."""
    goals = {**PAGES, **PURCHASES, **(LARGE if size >= 20_000 else {})}
    for name, ratio in ratios.items():
        if name in goals and ratio > goals[name] * GATE:
            yield f"{name} with {size} products: {ratio:.2f} x the floor, the goal is {goals[name]} and the gate {GATE} x that"


def growth(first: Mapping[str, float], last: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Return {page: how its ratio grew, its goal}."""
    return {name: (last[name] / first[name], goal) for name, goal in GROWTH.items()}
