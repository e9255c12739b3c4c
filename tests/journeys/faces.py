"""The faces of the shop that a journey uses: the page without JavaScript, and the requests of its scripts.

Both speak HTTP to a real server. A face knows addresses and fields; a journey knows the expected outcome.
"""

import html
import http.client
import re
import urllib.parse
from dataclasses import dataclass

_INPUT = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    location: str
    text: str
    url: str

    def hidden(self, name: str) -> str:
        """Return the value of the input `name` on the page."""
        for tag in _INPUT.findall(self.text):
            attributes = dict(_ATTRIBUTE.findall(tag))
            if attributes.get("name") == name:
                return html.unescape(attributes.get("value", ""))
        raise AssertionError(f"no field {name} on {self.url}")


class Browser:
    """A browser without scripts: cookies, forms and redirects."""

    headers: dict[str, str] = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}

    def __init__(self, base: str) -> None:
        self.base = base
        self.jars: dict[str, dict[str, str]] = {}

    def get(self, url: str) -> Answer:
        return self._send("GET", url, None)

    def post(self, url: str, **form: str) -> Answer:
        """Post a form; return the server's own answer without following redirects."""
        return self._send("POST", url, form)

    def follow(self, answer: Answer) -> Answer:
        """Follow redirects and return the final page."""
        while answer.status in (301, 302, 303):
            answer = self.get(urllib.parse.urljoin(answer.url, answer.location))
        return answer

    def _send(self, method: str, url: str, form: dict[str, str] | None) -> Answer:
        parts = urllib.parse.urlsplit(urllib.parse.urljoin(self.base, url))
        jar = self.jars.setdefault(parts.netloc, {})
        headers = dict(self.headers)
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"{parts.scheme}://{parts.netloc}"
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, urllib.parse.urlencode(form) if form is not None else None, headers)
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";", 1)[0].partition("=")
            jar[name] = value
        connection.close()
        return Answer(response.status, response.headers.get("Location", ""), text, parts.geturl())


class PlainPage(Browser):
    """The page without JavaScript."""

    name = "page without JavaScript"

    def add(self, code: str, quantity: str) -> Answer:
        """Add to the cart from a card's form; a browser is taken to the cart."""
        return self.follow(self.post("/cart/add/", code=code, quantity=quantity))

    def open_checkout(self) -> Answer:
        return self.get("/checkout/")

    def submit(self, checkout: Answer, **fields: str) -> Answer:
        """Submit the checkout form with its token and the total it showed."""
        for name in ("confirmed_total", "confirmed_quote", "csrfmiddlewaretoken"):
            fields.setdefault(name, checkout.hidden(name))
        return self.post("/checkout/", **fields)

    def sign_in(self, login: str, password: str) -> None:
        page = self.get("/accounts/login/")
        token = page.hidden("csrfmiddlewaretoken")
        answer = self.post("/accounts/login/", login=login, password=password, csrfmiddlewaretoken=token)
        assert answer.status in (302, 303), answer.text


class ScriptedPage(PlainPage):
    """The page with its scripts: adding is a fetch that stays on the page."""

    name = "page"

    def add(self, code: str, quantity: str) -> Answer:
        plain = dict(self.headers)
        self.headers = {**plain, "X-Requested-With": "fetch", "Accept": "application/json"}
        try:
            answer = self.post("/cart/add/", code=code, quantity=quantity)
        finally:
            self.headers = plain
        assert answer.status < 500, answer.text
        return answer


FACES = [PlainPage, ScriptedPage]
