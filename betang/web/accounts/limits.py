"""How often the pages of sign-in may be posted to."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from betang.accounts import attempts
from betang.core.errors import RefusedError

#: An office of forty people that comes back from lunch is one address.
POSTS_OF_ADDRESS = attempts.Limit("posts to the door from an address", 120, 60)
#: Changes of one's own password, and the password once more before a change.
POSTS_OF_ACCOUNT = attempts.Limit("posts about one's own account", 10, 60)


class TooOftenError(RefusedError):
    """The page was posted to too often."""

    code = "sign_in.too_often"
    sentence = "Terlalu banyak percobaan dalam satu menit terakhir."
    do = "Tunggu satu menit, lalu coba lagi."
    status = 429


def account_of(request: HttpRequest) -> str:
    """Name the account that is signed in."""
    return str(request.user.pk)


def counted(
    view: Callable[..., Any], limit: attempts.Limit, name_of: Callable[[HttpRequest], str]
) -> Callable[..., Any]:
    """Let a view of a library be posted to only as often as `limit` says, for each name."""

    @wraps(view)
    def through(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and attempts.count(
            (limit, name_of(request)), at=timezone.now()
        ):
            raise TooOftenError
        return view(request, *args, **kwargs)

    return through
