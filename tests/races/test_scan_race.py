"""Two simultaneous scans, and a retry with the same nonce (STF-02): real HTTP, several workers, real PostgreSQL."""

import http.client
import threading
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from django.db import connection

from orders.models import HandOver, Order, OrderEvent, Payment
from orders.tests.factories import make_sku
from staff.tests.factories import make_employee, make_open_order, make_shop, sign_in
from stock.models import StockMovement
from tests.races.harness import ROUNDS, Shop, broken, comes_up, deadlocks, running

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "t" * 32
NONCES = {"Anna": "anna-nonce-0001", "Boris": "boris-nonce-001"}


@dataclass
class Scanner:
    """An employee's browser at the counter; it opens a connection for each request, as on a bad network."""

    site: Shop
    name: str
    session: str

    def press(self, order: Order) -> tuple[int, str]:
        """Press the hand-over button, paid in cash; return the status, and the redirect or the code shown."""
        form = {"nonce": NONCES[self.name], "taken": "cash", "csrfmiddlewaretoken": TOKEN}
        wire = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=30)
        cookies = f"sessionid={self.session}; csrftoken={TOKEN}"
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        wire.request("POST", address(order), urlencode(form), headers)
        answer = wire.getresponse()
        html = answer.read().decode()
        wire.close()
        if answer.status == 303:
            return 303, answer.headers["Location"]
        return answer.status, html.partition('data-code="')[2].partition('"')[0]

    def look(self, order: Order) -> str:
        """Scan the code; return the page."""
        wire = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=30)
        wire.request("GET", address(order), headers={"Cookie": f"sessionid={self.session}"})
        html = wire.getresponse().read().decode()
        wire.close()
        return html


def address(order: Order) -> str:
    return f"/c/{order.collect_secret}/"


@pytest.fixture
def counter():
    assert connection.vendor == "postgresql", "a race on SQLite proves nothing"
    return make_shop()


def staffed(site: Shop, counter) -> list[Scanner]:
    return [
        Scanner(site, name, sign_in(make_employee(counter, name=f"{name} Berg")).cookies["sessionid"].value)
        for name in NONCES
    ]


def scan_at_once(anna: Scanner, boris: Scanner, order: Order) -> list[tuple[int, str]]:
    """Let Anna press, Anna's browser retry and Boris press, all at once."""
    barrier, answers = threading.Barrier(3), [(0, "")] * 3

    def run(position: int, scanner: Scanner) -> None:
        barrier.wait(10)
        answers[position] = scanner.press(order)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate((anna, anna, boris))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_one_scan_hands_over_the_other_sees_who_did_and_the_retry_gets_the_same_answer(counter, tmp_path):
    sku = make_sku()
    won = dict.fromkeys(NONCES, 0)
    with running(tmp_path) as site:
        before = deadlocks()
        anna, boris = staffed(site, counter)
        for _ in range(ROUNDS):
            order = make_open_order("ready", site.now(), shop=counter, sku=sku)

            answers = scan_at_once(anna, boris, order)

            done = HandOver.objects.filter(order=order).first()
            assert done is not None, answers
            won[done.actor_label] += 1
            taken, refused = (303, f"{address(order)}?done={done.nonce}"), (409, "already_collected")
            assert answers == ([taken, taken, refused] if done.actor_label == "Anna" else [refused, refused, taken])
            assert Payment.objects.filter(order=order).count() == 1
            assert OrderEvent.objects.filter(order=order, to_status="completed").count() == 1
            assert StockMovement.objects.filter(reference=order.number, kind="issue").count() == 1
        winner, loser = (anna, boris) if done.actor_label == "Anna" else (boris, anna)
        assert winner.press(order) == taken
        assert f"Handed over by {winner.name} at" in loser.look(order)
        assert deadlocks() == before
        assert broken(site) == {}
    assert ROUNDS < 100 or all(won.values()), f"nobody raced: {won}"


@pytest.mark.violates
def test_the_race_is_detected_without_the_lock(counter, tmp_path):
    sku = make_sku()
    site = Shop(tmp_path, locks_off=True)
    try:
        anna, boris = staffed(site.wait(), counter)

        def collide(number: int) -> bool:
            order = make_open_order("ready", site.now(), shop=counter, sku=sku)
            return any(status == 500 for status, _ in scan_at_once(anna, boris, order))

        assert comes_up(collide)
    finally:
        site.stop()
