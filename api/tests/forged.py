"""Access tokens that nobody may enter with: forged, swapped, expired, cut, or sent by another way."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
from allauth.headless.tokens.strategies.jwt.internal import session_key_to_sid
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.test import Client

from accounts import signing_key
from accounts.tests.factories import make_customer
from api.tests.helpers import tokens_of

Sent = dict[str, Any]


def bearer(token: str) -> Sent:
    return {"headers": {"Authorization": f"Bearer {token}"}}


def part(data: Any) -> str:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def make_forger() -> "Forger":
    """Return a customer who forges: signed in, in a browser, too, and knowing the id of another account."""
    mira, other, browser = make_customer(), make_customer(), Client()
    browser.force_login(mira)
    tokens = tokens_of(mira)
    sid = session_key_to_sid(browser.session.session_key)
    return Forger(tokens["access_token"], tokens["refresh_token"], str(other.public_id), sid)


class Forger:
    """Someone with a token of their own, our public key, and in a few cases a mistake of ours."""

    def __init__(self, access: str, refresh: str, other_sub: str, browser_sid: str) -> None:
        self.access, self.refresh = access, refresh
        self.other_sub, self.browser_sid = other_sub, browser_sid
        self.ours = signing_key.pem()
        key = load_pem_private_key(self.ours.encode(), None)
        self.public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.theirs = rsa.generate_private_key(65537, 2048)
        self.head = jwt.get_unverified_header(access)
        self.payload = jwt.decode(access, options={"verify_signature": False})
        self.header, self.body, self.signature = access.split(".")

    def ours_with(self, *without: str, algorithm: str = "RS256", **changed: Any) -> str:
        """Return a token signed by our own key that says something else."""
        payload = {name: value for name, value in (self.payload | changed).items() if name not in without}
        return jwt.encode(payload, self.ours, algorithm=algorithm, headers={"kid": self.head["kid"]})

    def theirs_with(self, **header: Any) -> str:
        return jwt.encode(self.payload, self.theirs, algorithm="RS256", headers=header)

    def by_hand(self, header: dict[str, Any], signature: str = "") -> str:
        return f"{part(header)}.{self.body}.{signature}"

    def with_secret(self, secret: bytes, algorithm: str = "HS256", **header: Any) -> str:
        """Return a token signed with a shared secret, as PyJWT itself refuses to with a public key."""
        signer = jwt.algorithms.HMACAlgorithm(
            getattr(jwt.algorithms.HMACAlgorithm, "SHA" + algorithm.removeprefix("HS"))
        )
        signed = f"{part({'alg': algorithm, 'typ': 'JWT', **header})}.{self.body}"
        return f"{signed}.{part(signer.sign(signed.encode(), secret))}"

    def jwk(self) -> dict[str, Any]:
        return json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.theirs.public_key()))


def cases() -> Iterator[tuple[str, Callable[[Forger], Sent]]]:
    """Yield what is sent to an address that needs an access token, each with its name."""
    now, hour = time.time(), 3600
    flipped = {"A": "B"}
    yield from {
        # No token at all.
        "nothing": lambda f: {},
        "an empty token": lambda f: bearer(""),
        "another scheme": lambda f: {"headers": {"Authorization": f"Token {f.access}"}},
        "no scheme": lambda f: {"headers": {"Authorization": f.access}},
        "a password": lambda f: {"headers": {"Authorization": "Basic " + base64.b64encode(b"a@b.c:secret").decode()}},
        "rubbish": lambda f: bearer("a.b.c"),
        "not ASCII": lambda f: bearer("ключ".encode().decode("latin-1")),
        "five parts": lambda f: bearer(f"{f.access}.{f.body}.{f.signature}"),
        # Another way.
        "in the address": lambda f: {"query_params": {"access_token": f.access}},
        "in a cookie": lambda f: {"headers": {"Cookie": f"access_token={f.access}"}},
        "in another header": lambda f: {"headers": {"X-Access-Token": f.access, "X-Session-Token": f.access}},
        "twice": lambda f: bearer(f"{f.access} {f.access}"),
        # Unsigned.
        "alg none": lambda f: bearer(f.by_hand({"alg": "none", "typ": "JWT"})),
        "alg None": lambda f: bearer(f.by_hand({"alg": "None", "typ": "JWT"})),
        "alg nOnE with our signature": lambda f: bearer(f.by_hand({"alg": "nOnE", "typ": "JWT"}, f.signature)),
        "no alg": lambda f: bearer(f.by_hand({"typ": "JWT"}, f.signature)),
        "the signature taken off": lambda f: bearer(f"{f.header}.{f.body}."),
        # Signed with what everybody knows.
        "HS256 by our public key": lambda f: bearer(f.with_secret(f.public)),
        "HS512 by our public key": lambda f: bearer(f.with_secret(f.public, "HS512")),
        "HS256 by an empty secret": lambda f: bearer(f.with_secret(b"")),
        "HS256 by SECRET_KEY": lambda f: bearer(f.with_secret(settings.SECRET_KEY.encode())),
        "a kid that is an empty file": lambda f: bearer(f.with_secret(b"", kid="../../../../dev/null")),
        "a kid that is a query": lambda f: bearer(f.with_secret(b"x", kid="' UNION SELECT 'x")),
        # Signed by somebody else.
        "another key": lambda f: bearer(f.theirs_with()),
        "another key with our kid": lambda f: bearer(f.theirs_with(kid=f.head["kid"])),
        "another key in the header": lambda f: bearer(f.theirs_with(jwk=f.jwk())),
        "another key behind jku": lambda f: bearer(f.theirs_with(jku="https://evil.example/keys")),
        "another key behind x5u": lambda f: bearer(f.theirs_with(x5u="https://evil.example/cert")),
        "ES256 by another key": lambda f: bearer(_elliptic(f)),
        "our key by RS512": lambda f: bearer(f.ours_with(algorithm="RS512")),
        "our key by PS256": lambda f: bearer(f.ours_with(algorithm="PS256")),
        # Changed on its way.
        "cut": lambda f: bearer(f.access[:-20]),
        "a letter of the signature": lambda f: bearer(f"{f.header}.{f.body}.{_flip(f.signature, flipped)}"),
        "another payload": lambda f: bearer(f"{f.header}.{part(f.payload | {'role': 'owner'})}.{f.signature}"),
        "another person, unsigned": lambda f: bearer(f"{f.header}.{part(f.payload | {'sub': '1'})}.{f.signature}"),
        # At another time.
        "expired": lambda f: bearer(f.ours_with(exp=int(now - hour))),
        "not yet valid": lambda f: bearer(f.ours_with(nbf=int(now + hour))),
        "signed in the future": lambda f: bearer(f.ours_with(iat=int(now + hour))),
        "without an end": lambda f: bearer(f.ours_with("exp")),
        # For something else.
        "the refresh token": lambda f: bearer(f.refresh),
        "of another use": lambda f: bearer(f.ours_with(token_use="id")),
        "of no use": lambda f: bearer(f.ours_with("token_use")),
        "for another audience": lambda f: bearer(f.ours_with(aud="another")),
        "for several audiences": lambda f: bearer(f.ours_with(aud=["api", "another"])),
        "without an audience": lambda f: bearer(f.ours_with("aud")),
        "of another issuer": lambda f: bearer(f.ours_with(iss="https://evil.example")),
        "without an issuer": lambda f: bearer(f.ours_with("iss")),
        # Of another person or session.
        "of another person": lambda f: bearer(f.ours_with(sub=f.other_sub)),
        "without a session": lambda f: bearer(f.ours_with("sid")),
        "of no session": lambda f: bearer(f.ours_with(sid=part(b"x" * 48))),
        "of a broken session": lambda f: bearer(f.ours_with(sid="%%%")),
        "of a browser's session": lambda f: bearer(f.ours_with(sid=f.browser_sid)),
    }.items()


def _flip(signature: str, swaps: dict[str, str]) -> str:
    first = signature[0]
    return swaps.get(first, "A") + signature[1:]


def _elliptic(forger: Forger) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return jwt.encode(forger.payload, pem, algorithm="ES256")
