"""The faults: which line of which file becomes what, and the tests among which one has to fail."""

from dataclasses import dataclass

WEBHOOK = "orders/tests/test_webhook.py"
PAYMENTS = "orders/tests/test_payments.py"
REFUNDS = "orders/tests/test_refunds.py"
PLACE = "checkout/tests/test_place_order.py"
SETTLE = "orders/payments/settle.py"
SIGNING = "orders/gateways/demo_bank/signing.py"


@dataclass(frozen=True)
class Mutant:
    """`old`, which stands in `file` exactly once, becomes `new`; one of `tests` fails then."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "lock of an order off", "orders/ledger.py", "if not settings.TEST_LOCKS_OFF:", "if False:", ("orders/tests",)
    ),
    Mutant(
        "lock of stock off",
        "stock/services/reserve.py",
        "WHERE l.shop_id = %s ORDER BY l.sku_id FOR UPDATE OF l",
        "WHERE l.shop_id = %s ORDER BY l.sku_id",
        ("stock/tests",),
    ),
    Mutant(
        "sorting of locks off",
        "stock/services/reserve.py",
        "WHERE l.shop_id = %s ORDER BY l.sku_id FOR UPDATE OF l",
        "WHERE l.shop_id = %s FOR UPDATE OF l",
        ("stock/tests",),
    ),
    Mutant(
        "more sold than there is",
        "stock/services/reserve.py",
        "AND l.on_hand - l.reserved >= locked.qty",
        "AND l.on_hand >= locked.qty",
        ("stock/tests", PLACE),
    ),
    Mutant(
        "signature off",
        SIGNING,
        "return bool(signed_with(body, header, secrets, now))",
        "return True",
        (WEBHOOK, "orders/tests/test_demo_bank.py"),
    ),
    Mutant("age of a signature off", SIGNING, "TOLERANCE_SECONDS = 300", "TOLERANCE_SECONDS = 10**9", (WEBHOOK,)),
    Mutant(
        "age of Stripe's signature off",
        "orders/gateways/stripe.py",
        "TOLERANCE_SECONDS = 300",
        "TOLERANCE_SECONDS = 10**9",
        ("orders/gateways/tests/test_stripe_orders.py",),
    ),
    Mutant(
        "comparison of amounts off",
        SETTLE,
        'return "" if is_all else "amount_differs"',
        'return ""',
        (PAYMENTS,),
    ),
    Mutant(
        "an amount off by a cent is right",
        SETTLE,
        "is_all = facts.amount == payment.amount == facts.taken",
        "is_all = max(abs(facts.amount - payment.amount), abs(facts.taken - payment.amount)) <= 1",
        (PAYMENTS,),
    ),
    Mutant("comparison of currencies off", SETTLE, "if facts.currency != payment.currency:", "if False:", (PAYMENTS,)),
    Mutant("comparison of orders off", SETTLE, "if facts.order_number != order.number:", "if False:", (PAYMENTS,)),
    Mutant("a late failure undoes a payment", SETTLE, "State.FAILED: 3,", "State.FAILED: 9,", (PAYMENTS,)),
    Mutant(
        "a second payment is kept", SETTLE, "if kept(order) > order.total - order.waived:", "if False:", (PAYMENTS,)
    ),
    Mutant(
        "authorised money of ended orders is captured",
        "orders/payments/reconcile.py",
        "return (gateway.capture if is_wanted else gateway.void)(facts.key, facts.ref)",
        "return gateway.capture(facts.key, facts.ref)",
        ("orders/tests/test_reconcile.py",),
    ),
    Mutant(
        "an outage is a fact",
        "orders/payments/reconcile.py",
        "except PaymentUnknown:",
        "except (PaymentUnknown, GatewayUnavailable):",
        ("orders/tests/test_reconcile.py", "orders/tests/test_wrong_secret.py"),
    ),
    Mutant(
        "refunds above what was captured",
        "orders/payments/balance.py",
        "return payment.amount - promised(payment)",
        "return payment.amount",
        (REFUNDS,),
    ),
    Mutant(
        "a repeated refund under a new key",
        "orders/payments/refunds.py",
        "refund.amount, str(refund.key), payment.provider_ref)",
        "refund.amount, str(uuid.uuid4()), payment.provider_ref)",
        (REFUNDS, "orders/tests/test_wrong_secret.py", "orders/gateways/tests/test_toy_gateway.py"),
    ),
    Mutant(
        "expiry off by one",
        "orders/services/expire.py",
        "order.expires_at > at or not may_cancel",
        "order.expires_at >= at or not may_cancel",
        ("orders/tests/test_expire.py",),
    ),
    Mutant(
        "orders with parked money expire",
        "orders/services/expire.py",
        "if order.payments.parked().exists():",
        "if False:",
        ("orders/tests/test_expire.py", "orders/tests/test_by_hand.py"),
    ),
    Mutant(
        "the email of an order off",
        "orders/services/create.py",
        "insert_family(order, [*lines, event, mail])",
        "insert_family(order, [*lines, event])",
        (PLACE, "orders/tests/test_create.py"),
    ),
    Mutant(
        "a message is delivered once, whatever happens",
        "common/outbox/services.py",
        "if message.attempts >= MAX_ATTEMPTS:",
        "if True:",
        ("common/tests/test_outbox.py",),
    ),
    Mutant(
        "a second hand-over",
        "orders/services/hand_over.py",
        "if done is not None:",
        "if False:",
        ("orders/tests/test_hand_over.py",),
    ),
    Mutant(
        "another shop's orders are handed over",
        "orders/services/hand_over.py",
        "if order.shop_id not in shop_ids:",
        "if False:",
        ("orders/tests/test_hand_over.py",),
    ),
    Mutant(
        "unpaid orders are handed over",
        "orders/services/hand_over.py",
        "if amount > ZERO and taken is None:",
        "if False:",
        ("orders/tests/test_hand_over.py",),
    ),
    Mutant(
        "the confirmed total is not compared",
        "checkout/services/place_order.py",
        "        _compare(basket, new, closed)\n",
        "",
        (PLACE,),
    ),
    Mutant(
        "a closed cart is ordered again",
        "checkout/services/place_order.py",
        "WHERE id = %s AND closed_at IS NULL RETURNING public_id",
        "WHERE id = %s RETURNING public_id",
        (PLACE,),
    ),
    Mutant(
        "prices begin a moment late",
        "products/prices.py",
        "Price.objects.filter(sku=sku, starts_at__lte=at)",
        "Price.objects.filter(sku=sku, starts_at__lt=at)",
        ("products/tests/test_price_in_force.py", "products/tests/test_prices.py"),
    ),
    Mutant(
        "posts from another port",
        "common/http.py",
        'if site == "same-origin" or (site is None and origin == own):',
        'if site in ("same-origin", "same-site") or (site is None and origin == own):',
        ("common/tests/test_http.py",),
    ),
    Mutant(
        "limits off",
        "common/throttle.py",
        'f" WHERE {over} OR {table}.used < %s RETURNING used"',
        'f" WHERE {over} OR {table}.used < %s + 1000 RETURNING used"',
        ("common/tests/test_throttle.py",),
    ),
    Mutant(
        "emails unmasked",
        "orders/masking.py",
        'return f"{local[:1]}•••@{domain}" if at else ""',
        'return email or ""',
        ("orders/tests/test_views.py", "orders/tests/test_find.py"),
    ),
    Mutant(
        "a buyer cancels what is being prepared",
        "orders/statuses.py",
        "_BUYER if status in FIRST else _SYSTEM",
        "_BUYER",
        ("orders/tests/test_statuses.py", "orders/tests/test_cancel.py"),
    ),
    Mutant(
        "amounts are cut instead of rounded",
        "common/money.py",
        "return amount.quantize(quantum, rounding=ROUND_HALF_UP)",
        'return amount.quantize(quantum, rounding="ROUND_DOWN")',
        ("common/tests/test_money.py",),
    ),
)
