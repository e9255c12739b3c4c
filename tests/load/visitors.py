"""Visitors of every kind: people, robots, proxies, editors, and requests that nobody in their senses would send.

A kind is a function that sends one request or a short journey; what is in it is drawn from the visitor's own seed.
"""

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from tests.races.harness import Answer, Buyer, Wire

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789 -_'\"%&|!:*()\\<>;,./?#[]{}$~^жщßéñ漢字🥖\t\n\0"
WORDS = ("thing", "THING 3", "T3-B", "bread", "хлеб", "roast dark", "0", "-", "a" * 300, "thing & !", "%", "' OR 1=1")
# An editor is quick, yet some pages are asked for twice between two changes.
BETWEEN = 0.1
SORTS = ("price", "-price", "name", "new", "popular", "", "nonsense")


@dataclass(frozen=True)
class Place:
    """What visitors know of the shop: addresses, codes, sessions of people."""

    paths: tuple[str, ...]
    lists: tuple[str, ...]
    codes: tuple[str, ...]
    files: tuple[str, ...]
    admin: tuple[str, ...]
    customers: tuple[str, ...]
    editors: tuple[str, ...]
    employees: tuple[str, ...]


@dataclass
class Record:
    """What was answered: how often each status to each kind, how long it took, and the faults in full."""

    statuses: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)
    count: int = 0

    def note(self, kind: str, request: bytes, answer: Answer, seconds: float) -> None:
        self.count += 1
        self.statuses[kind][answer.status] += 1
        self.seconds[kind].append(seconds)
        has_no_body = request.startswith(b"HEAD ") or answer.status == 304
        if not 200 <= answer.status < 500 or (has_no_body and answer.body):
            self.faults.append(f"{kind}: {answer.status} for {request[:400]!r}: {answer.headers} {answer.body[:300]!r}")

    def add(self, other: "Record") -> None:
        for kind, statuses in other.statuses.items():
            self.statuses[kind] += statuses
            self.seconds[kind] += other.seconds[kind]
        self.faults += other.faults
        self.count += other.count

    def table(self) -> str:
        """Return a line for each kind: requests, p95 in ms, statuses."""
        lines = [f"{'kind':16} {'requests':>8} {'p95 ms':>8}  statuses"]
        for kind, statuses in sorted(self.statuses.items()):
            times = sorted(self.seconds[kind])
            p95 = 1000 * times[int(0.95 * (len(times) - 1))]
            counts = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
            lines.append(f"{kind:16} {len(times):8} {p95:8.0f}  {counts}")
        return "\n".join(lines)


class Visitor:
    """One client: a seed of its own, what it has learned, and a record."""

    def __init__(self, site: Wire, place: Place, seed: str, kinds: Sequence[str] = ()) -> None:
        self.site, self.place, self.rng = site, place, random.Random(seed)
        self.kinds = list(kinds or KINDS)
        self.record, self.kind = Record(), ""
        self.etags = ['"none"']

    def visit(self) -> None:
        """Send a request or a journey of some kind."""
        self.kind = self.rng.choices(self.kinds, [KINDS[kind][0] for kind in self.kinds])[0]
        KINDS[self.kind][1](self)

    def send(self, request: bytes) -> Answer:
        started = time.perf_counter()
        answer = self.site.ask(request)
        self.record.note(self.kind, request, answer, time.perf_counter() - started)
        if "etag" in answer.headers:
            self.etags = [*self.etags[-9:], answer.headers["etag"]]
        return answer

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send(self.site.request(method, path, {"Accept-Encoding": "gzip", **named}))

    def post(self, path: str, form: dict[str, str], **cookies: str) -> Answer:
        return self.send(self.site.post(path, form, cookies))

    def one(self, options: Iterable[str]) -> str:
        return self.rng.choice(list(options))

    def text(self, longest: int = 40) -> str:
        return "".join(self.rng.choice(LETTERS) for _ in range(self.rng.randint(0, longest)))

    def path(self) -> str:
        return self.one(self.place.paths)


def page(visitor: Visitor) -> None:
    visitor.ask(visitor.path())


def listing(visitor: Visitor) -> None:
    rng = visitor.rng
    asked = {
        "a_roast": visitor.one(["dark", "light", "none", visitor.text()]),
        "shop": visitor.one(["canal", "market", "nowhere"]),
        "category": visitor.one(["bread", "tea", "nothing"]),
        "from": visitor.one(["1", "3.50", "0,5", "-1", "1e9", "NaN", visitor.text(8)]),
        "to": visitor.one(["5", "90", "", "999999999999999999999"]),
        "without": visitor.one(["gluten", "milk", "everything"]),
        "sort": visitor.one(SORTS),
        "after": visitor.one(["", "1", "9" * 30, visitor.text()]),
        "page": visitor.one(["1", "2", "0", "-1", "x"]),
    }
    chosen = rng.sample(list(asked), rng.randint(1, 5))
    visitor.ask(f"{visitor.one(visitor.place.lists)}?{urlencode({name: asked[name] for name in chosen})}")


def search(visitor: Visitor) -> None:
    words = visitor.one([*WORDS, visitor.text()])
    visitor.ask(f"{visitor.one(['', '/ru'])}/search/?{urlencode({'q': words, 'sort': visitor.one(SORTS)})}")


def suggest(visitor: Visitor) -> None:
    visitor.ask(f"/search/suggest/?{urlencode({'q': visitor.one([*WORDS, visitor.text(5)])})}")


def missing(visitor: Visitor) -> None:
    below = visitor.one(["", "/products", "/catalogue", "/ru", "/media", "/static", "/orders", "/admin", "/documents"])
    visitor.ask(f"{below}/{quote(visitor.text(20))}/")


def odd_query(visitor: Visitor) -> None:
    pairs = [(visitor.text(8), visitor.text(30)) for _ in range(visitor.rng.randint(1, 6))]
    broken = visitor.one(["", "&&=&=", "&%ff=%fe", "&q=%00", "&" + "x=1&" * 60, "&utm_source=" + "u" * 1200, "&sku=T3"])
    visitor.ask(f"{visitor.path().partition('?')[0]}?{urlencode(pairs)}{broken}")


def head(visitor: Visitor) -> None:
    visitor.ask(visitor.path(), "HEAD")


def conditional(visitor: Visitor) -> None:
    lists = ["*", ", ".join(visitor.etags), visitor.etags[-1], 'W/"a", "b"', "", ",", "x" * 500, '"', visitor.etags[0]]
    since = visitor.one(["Sat, 28 Nov 2026 10:00:00 GMT", "yesterday", ""])
    visitor.ask(visitor.path(), If_None_Match=visitor.one(lists), If_Modified_Since=since)


def uncompressed(visitor: Visitor) -> None:
    codings = ["identity", "gzip;q=0", "*;q=0", "gzip;q=x", "br, gzip;q=0.0", "", "*", ";;,,", "gzip;q=0.5;x=1"]
    visitor.ask(visitor.path(), Accept_Encoding=visitor.one(codings))


def ranged(visitor: Visitor) -> None:
    ranges = ["bytes=0-9", "bytes=-1", "bytes=9-", "bytes=5-1", "bytes=0-0,3-4", "bytes=999999999-", "lines=1-2"]
    visitor.ask(visitor.one([visitor.path(), *visitor.place.files]), Range=visitor.one(ranges), If_Range='"x"')


def odd_host(visitor: Visitor) -> None:
    names = [
        "evil.example", "127.0.0.1:99999", "127.0.0.1:x", "[::1]:80", "a..b", "localhost", "LOCALHOST", "x" * 300,
        "127.0.0.1, evil.example", "evil.example/../", "a_b.example", "", "xn--e1afmkfd.example", "a@b",
    ]  # fmt: skip
    forwarded = {"X_Forwarded_Host": visitor.one(names)} if visitor.rng.random() < 0.5 else {}
    address, scheme = visitor.one(["1.2.3.4", "x", "", "::1, 1.2.3.4"]), visitor.one(["https", "http", "x"])
    more = {"X_Forwarded_Proto": scheme, "X_Forwarded_For": address}
    host = {} if forwarded and visitor.rng.random() < 0.5 else {"Host": visitor.one(names)}
    visitor.ask(visitor.path(), **host, **forwarded, **more)


def with_cookies(visitor: Visitor) -> None:
    known = [*visitor.place.customers, *visitor.place.editors, *visitor.place.employees]
    session = visitor.one([*known, "none", "x" * 32, ""])
    odd = visitor.one(["", "; cart=forged:x", "; messages=broken", "; csrftoken=" + "t" * 32, "; shop=canal", "; ="])
    others = ["/fragments/header/", "/cart/", "/cart/drawer/", "/orders/", "/accounts/login/", "/checkout/"]
    visitor.ask(visitor.one([visitor.path(), *others]), Cookie=f"sessionid={session}{odd}")


def editor(visitor: Visitor) -> None:
    visitor.ask(visitor.one(visitor.place.admin), Cookie=f"sessionid={visitor.one(visitor.place.editors)}")


def employee(visitor: Visitor) -> None:
    session = visitor.one(visitor.place.employees)
    visitor.ask(visitor.one(["/staff/", "/staff/live/", "/staff/scan/"]), Cookie=f"sessionid={session}")


def plain(visitor: Visitor) -> None:
    addresses = ["/robots.txt", "/sitemap.xml", "/healthz", "/readyz", "/favicon.ico", "/apple-touch-icon.png"]
    visitor.ask(visitor.one([*addresses, *visitor.place.files]))


def cart(visitor: Visitor) -> None:
    buyer = Buyer(visitor.site)
    for _ in range(visitor.rng.randint(1, 3)):
        quantity = visitor.one(["1", "2", "0", "-1", "1e3", "x", "", "1,0"])
        code = visitor.one([*visitor.place.codes, "NONE", visitor.text(9)])
        buyer.cookies |= visitor.send(buyer.adding(code, quantity)).cookies
    jar = "; ".join(f"{name}={value}" for name, value in buyer.cookies.items())
    visitor.ask(
        visitor.one(["/cart/", "/cart/drawer/", "/checkout/", "/fragments/header/", visitor.path()]), Cookie=jar
    )


def order(visitor: Visitor) -> None:
    """Buy what is asked for, with the total that the shop says is right."""
    buyer = Buyer(visitor.site)
    buyer.cookies |= visitor.send(buyer.adding(visitor.one(visitor.place.codes))).cookies
    session = {"sessionid": visitor.one(visitor.place.customers)} if visitor.rng.random() < 0.2 else {}
    buyer.cookies |= session
    jar = "; ".join(f"{name}={value}" for name, value in buyer.cookies.items())
    shown = visitor.ask("/checkout/", Accept_Encoding="identity", Cookie=jar).body
    buyer.total = shown.partition('name="confirmed_total" value="')[2].partition('"')[0] or "1.00"
    placed = visitor.send(buyer.checkout("canal", email=f"{visitor.rng.randrange(10**9)}@example.com"))
    if placed.status == 303:
        visitor.ask(placed.location.replace(f"http://127.0.0.1:{visitor.site.port}", ""), Cookie=jar)


KINDS: dict[str, tuple[int, Callable[[Visitor], None]]] = {
    "page": (20, page),
    "listing": (12, listing),
    "search": (8, search),
    "suggest": (5, suggest),
    "missing": (5, missing),
    "odd query": (8, odd_query),
    "HEAD": (4, head),
    "conditional": (6, conditional),
    "uncompressed": (4, uncompressed),
    "range": (4, ranged),
    "odd host": (5, odd_host),
    "cookies": (6, with_cookies),
    "editor": (2, editor),
    "employee": (1, employee),
    "plain": (3, plain),
    "cart": (3, cart),
    "order": (3, order),
}


def let_visit(visitors: Sequence[Visitor], requests: int, beside: Callable[[], object] = lambda: None) -> Record:
    """Let all visit until enough was asked; call `beside` every BETWEEN seconds meanwhile. Return what was answered."""
    is_over, broken = threading.Event(), []

    def keep_visiting(visitor: Visitor) -> None:
        try:
            while not is_over.is_set():
                visitor.visit()
        except Exception as error:
            broken.append(error)
            raise

    threads = [threading.Thread(target=keep_visiting, args=[visitor]) for visitor in visitors]
    for thread in threads:
        thread.start()
    try:
        while sum(visitor.record.count for visitor in visitors) < requests and not broken:
            beside()
            time.sleep(BETWEEN)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert broken == []
    found = Record()
    for visitor in visitors:
        found.add(visitor.record)
    return found
