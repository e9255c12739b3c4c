"""The floor: a bare Django project in one file, for ratios that hold on any machine.

/hello     no template, no query
/page      one indexed query (24 rows) and a rendered page of about 10 KB
/checkout  (POST) the minimum for a checkout: three conditional updates, an order, three lines, a ledger row

Run by bench/run.py with FLOOR_DSN in the environment.
"""

import os
import random
import sys

import environ
from django.conf import settings

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head><body>
<nav>{% for i in nav %}<a href="/c/{{ i }}/">Category {{ i }}</a> {% endfor %}</nav><main><h1>{{ title }}</h1><ul>
{% for p in items %}<li><article><h2><a href="/p/{{ p.id }}/">{{ p.sku }}</a></h2>
<img src="/media/{{ p.id }}.jpg" width="240" height="240" alt="{{ p.sku }}" loading="lazy"><p>EUR {{ p.price }}</p>
<p>{% if p.qty > 0 %}In stock{% else %}Sold out{% endif %}</p>
<form method="post" action="/add/"><input type="hidden" name="id" value="{{ p.id }}"><button>Add</button></form></article></li>
{% endfor %}</ul></main><footer>{% for i in nav %}<a href="/f/{{ i }}/">Link {{ i }}</a> {% endfor %}</footer></body></html>"""

SCHEMA = """
CREATE TABLE floor_stock (id int PRIMARY KEY, sku text NOT NULL, qty int NOT NULL CHECK (qty >= 0), price numeric(12,2) NOT NULL);
CREATE TABLE floor_order (id bigserial PRIMARY KEY, email text NOT NULL, total numeric(12,2) NOT NULL);
CREATE TABLE floor_line (id bigserial PRIMARY KEY, order_id bigint REFERENCES floor_order, stock_id int REFERENCES floor_stock,
  title text NOT NULL, qty int NOT NULL, price numeric(12,2) NOT NULL);
CREATE TABLE floor_ledger (id bigserial PRIMARY KEY, order_id bigint REFERENCES floor_order, kind text NOT NULL, amount numeric(12,2));
INSERT INTO floor_stock SELECT i, 'SKU-' || i, 1000000, 41.15 FROM generate_series(1, 20000) i;
"""

settings.configure(
    DEBUG=False,
    SECRET_KEY="the floor has no secrets",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    MIDDLEWARE=[],
    DATABASES={"default": {**environ.Env.db_url_config(os.environ["FLOOR_DSN"]), "CONN_MAX_AGE": 600}},
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.cached.Loader",
                        [("django.template.loaders.locmem.Loader", {"page.html": PAGE})],
                    )
                ]
            },
        }
    ],
)

import django  # noqa: E402 - settings come first

django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402


class Stock(models.Model):
    """An item for sale."""

    sku = models.TextField()
    qty = models.IntegerField()
    price = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        app_label = "auth"
        managed = False
        db_table = "floor_stock"

    def __str__(self):
        return self.sku


def hello(request):
    """Answer without a query or a template."""
    return HttpResponse("hello")


def page(request):
    """Answer with a page of 24 rows."""
    start = random.randrange(1, 19000)
    items = list(Stock.objects.filter(id__gte=start).order_by("id")[:24])
    return render(request, "page.html", {"title": "Listing", "nav": range(30), "items": items})


@csrf_exempt
def checkout(request):
    """Sell three random items."""
    ids = sorted(random.sample(range(1, 20001), 3))
    with transaction.atomic(), connection.cursor() as cursor:
        for stock_id in ids:
            cursor.execute("UPDATE floor_stock SET qty = qty - 1 WHERE id = %s AND qty >= 1", [stock_id])
            if cursor.rowcount != 1:
                raise ValueError("out of stock")
        cursor.execute("INSERT INTO floor_order (email, total) VALUES ('buyer@example.test', 123.45) RETURNING id")
        order_id = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO floor_line (order_id, stock_id, title, qty, price) VALUES "
            "(%s,%s,'A product',1,41.15),(%s,%s,'A product',1,41.15),(%s,%s,'A product',1,41.15)",
            [value for stock_id in ids for value in (order_id, stock_id)],
        )
        cursor.execute("INSERT INTO floor_ledger (order_id, kind, amount) VALUES (%s, 'charge', 123.45)", [order_id])
    return JsonResponse({"order": order_id})


urlpatterns = [path("hello", hello), path("page", page), path("checkout", checkout)]
application = get_wsgi_application()

if __name__ == "__main__" and "schema" in sys.argv:
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
