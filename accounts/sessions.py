"""Sessions in the database that know whose they are: one statement lists or ends those of an account.

All that a session knows stands in its data, as in Django's own engine; the columns repeat what is asked for.
"""

import datetime as dt
from typing import Any, cast

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.account.utils import url_str_to_user_pk
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.exceptions import SessionInterrupted

from accounts.models import UserSession
from common import clock

BEGAN, USED, DEVICE, IS_APP = "began", "used", "device", "is_app"
MAX_DEVICE = 200
# Of one account; a sign-in past it ends the session that has not been used for longest (docs/reference/limits.md).
MOST_BROWSERS, MOST_APPS = 20, 20
# A use is noted once an hour, so that reading pages does not write.
NOTED_EVERY = 3600


class SessionStore(db.SessionStore):
    """Django's sessions in a table with a column for the account."""

    @classmethod
    def get_model_class(cls) -> type[UserSession]:
        return UserSession

    def cycle_key(self) -> None:
        """Go on under another key, by renaming the row: a session that has ended meanwhile does not come back.

        Raises SessionInterrupted.
        """
        was_signed_in = SESSION_KEY in self
        if self.session_key is not None:
            new = self._get_new_session_key()  # type: ignore[attr-defined]
            if self.model.objects.filter(pk=self.session_key).update(session_key=new):
                self._session_key = new
                self.modified = True
                return
        if was_signed_in:
            raise SessionInterrupted("The session ended before the request was completed.")
        super().cycle_key()

    def create_model_instance(self, data: dict[str, Any]) -> UserSession:
        """Return the row of this session; it begins when somebody signs in.

        A sign-in that waits for its code belongs to its account, too, so that it ends with the account's sessions.
        """
        is_signed_in = data.get(SESSION_KEY) is not None
        if is_signed_in and BEGAN not in data:
            data[BEGAN] = data[USED] = int(clock.now().timestamp())
        row = cast(UserSession, super().create_model_instance(data))
        if is_signed_in:
            row.user_id = int(data[SESSION_KEY])
            row.began_at, row.used_at = _moment(data[BEGAN]), _moment(data[USED])
            row.device, row.is_app = data.get(DEVICE, ""), data.get(IS_APP, False)
        elif waiting := (data.get(LOGIN_SESSION_KEY) or {}).get("user_pk"):
            row.user_id = url_str_to_user_pk(waiting)
        return row


def note_use(session: SessionBase, *, at: dt.datetime) -> None:
    """Note in a signed-in session that it is used; leave one alone that nobody has read, or that was used just now."""
    if session.accessed and SESSION_KEY in session and at.timestamp() - session.get(USED, 0) >= NOTED_EVERY:
        session[USED] = int(at.timestamp())


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
