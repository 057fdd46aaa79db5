"""Prepares a house for the browser tests: tables, pack, people, and a signed-in session for each; told as JSON."""

import json
from typing import Any

from lianfang.commands import open_house
from lianfang.commands.up import prepare


def session(user: Any) -> str:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def sessions() -> dict[str, str]:
    from lianfang.registry.models import User

    told = {}
    for user in User.objects.filter(demonstration=True):
        told[user.username] = session(user)
        # One more, for a test that signs out.
        told[f"{user.username} again"] = session(user)
    return told


if __name__ == "__main__":
    open_house()
    prepare()
    print(json.dumps(sessions()))
