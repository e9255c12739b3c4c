"""What browsers and apps say of themselves, in plain words."""

import pytest

from accounts.devices import app_words, browser_words

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/142.0 Safari/537.36", "Chrome on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/142.0 Safari/537.36 OPR/120.0", "Opera on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.1 Safari/605.1.15", "Safari on a Mac"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1", "Safari on an iPhone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) CriOS/142.0 Safari/604.1", "Chrome on an iPhone"),
        ("Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) FxiOS/140.0 Safari/605.1", "Firefox on an iPad"),
        (f"Mozilla/5.0 (Linux; Android 15; Pixel) {WEBKIT} Chrome/142.0 Mobile Safari/537.36", "Chrome on Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64) {WEBKIT} Chrome/142.0 Safari/537.36", "Chrome on a Chromebook"),
        ("Something (Windows)", "A browser on Windows"),
        ("", "An unknown device"),
        ("<script>alert(1)</script>", "An unknown device"),
    ],
)
def test_a_browser_is_named_in_words(text, words):
    assert browser_words(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CornerShopTill/2.1 (Android 15)", "CornerShopTill, an app"),
        ("curl/8.5.0", "curl, an app"),
        ("Моя касса/1", "Моя касса, an app"),
        ("", "An app"),
        ("<b>Till</b>", "An app"),
        ("\u202elliT/1", "lliT, an app"),
        ("x" * 100, f"{'x' * 40}, an app"),
    ],
)
def test_an_app_is_named_as_it_calls_itself(text, words):
    assert app_words(text) == words
