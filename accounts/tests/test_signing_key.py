"""The key of the API's tokens: given, or made once; anything else is refused with what to write."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from accounts import signing_key
from accounts.signing_key import BadKey


def pem_of(key, encryption=None) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


GOOD = pem_of(rsa.generate_private_key(65537, 2048))


def test_a_key_may_stand_in_the_variable_or_in_a_file(tmp_path):
    file = tmp_path / "jwt.pem"
    file.write_text(GOOD)

    assert signing_key.read(GOOD) == signing_key.read(GOOD.replace("\n", "\\n")) == signing_key.read(str(file)) == GOOD


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "/",
        "\0",
        "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
        pem_of(rsa.generate_private_key(65537, 1024)),
        pem_of(ec.generate_private_key(ec.SECP256R1())),
        pem_of(rsa.generate_private_key(65537, 2048), BestAvailableEncryption(b"hunter2")),
    ],
    ids=["no file", "a folder", "NUL", "no key", "too short", "another kind", "behind a password"],
)
def test_what_cannot_sign_is_refused(text):
    with pytest.raises(BadKey) as refusal:
        signing_key.read(text)

    assert "hunter2" not in str(refusal.value)


def test_a_key_is_made_once_for_all_processes_and_only_its_owner_reads_it(tmp_path, settings):
    settings.JWT_PRIVATE_KEY, settings.JWT_KEY_FILE = "", tmp_path / "keys" / "jwt.pem"
    make = signing_key._kept.__wrapped__

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _n: make(settings.JWT_KEY_FILE), range(4)))

    assert made == {signing_key.pem()}
    assert stat.S_IMODE(settings.JWT_KEY_FILE.stat().st_mode) == 0o600
    assert [file.name for file in settings.JWT_KEY_FILE.parent.iterdir()] == ["jwt.pem"]
