"""Signing a person in without the pages of signing in, which have tests of their own."""

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import BrowserContext

from betang.accounts.models import User
from tests.conftest import LiveBetang


def session_key_of(user: User) -> str:
    """Begin a session as after a right password; give its key."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key is not None
    return session.session_key


def let_in(context: BrowserContext, user: User, live: LiveBetang) -> None:
    """Let every page of a browser's context be signed in."""
    context.add_cookies([{"name": "sessionid", "value": session_key_of(user), "url": live.origin}])
