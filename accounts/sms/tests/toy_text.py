"""Toy Text: messages over JSON, with our key."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from accounts.sms import base
from common.variables import Setting


class ToyText(base.SmsSender):
    code = "toy_text"
    variables = (Setting("TOY_TEXT_URL", "Address."), Setting("TOY_TEXT_KEY", "Our API key.", is_secret=True))

    def send(self, *, to: str, text: str, key: str) -> None:
        body = json.dumps({"to": to, "text": text, "once": key}).encode()
        headers = {"Authorization": self.setting("TOY_TEXT_KEY"), "Content-Type": "application/json"}
        try:
            answer = urlopen(Request(self.setting("TOY_TEXT_URL"), body, headers), timeout=self.seconds)
        except HTTPError as error:
            if error.code == 422:
                raise base.SmsRefused from None
            raise base.SmsUnavailable from None
        if json.load(answer).get("state") != "accepted":
            raise base.SmsUnavailable
