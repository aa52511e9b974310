"""Each view declares who may open it; a view that declares nothing opens for nobody.

`@rule("household.see")` names a permission of `betang.accounts.access`; `@public("why")` says why
a page needs no sign-in. The views of allauth cannot be decorated where they are written, so
`declared()` wraps them where they are routed.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers

from betang.accounts import second_factor
from betang.accounts.access import PERMISSIONS, may
from betang.accounts.models import User
from betang.core.errors import NotAllowedError, RefusedError
from betang.web.shell.refusal import bad_request, refusal_page

#: Devices prove themselves by DPoP, the field app is files: both answer for themselves, and
#: looking up a session for them would cost a query.
OTHERS = ("/api/", "/lapangan/", "/static/")

View = TypeVar("View", bound=Callable[..., Any])


class StaffRequest(HttpRequest):
    """A request behind `@rule`: somebody is signed in."""

    user: User


class UndeclaredViewError(RuntimeError):
    """A route leads to a view that says neither `rule` nor `public` (a programmer's error)."""


def rule(permission: str) -> Callable[[View], View]:
    """Let only accounts open this view that hold `permission` somewhere.

    The view itself still narrows what it shows to the areas of the account.
    """
    assert permission in PERMISSIONS, permission

    def mark(view: View) -> View:
        view.__dict__["rule"] = permission
        return view

    return mark


def public(why: str) -> Callable[[View], View]:
    """Let anybody open this view, for the reason given."""
    assert why

    def mark(view: View) -> View:
        view.__dict__["public"] = why
        return view

    return mark


def before_second_factor(view: View) -> View:
    """Let somebody open this view who must set up a second factor first: it serves to set it up."""
    view.__dict__["before_second_factor"] = True
    return view


def declared(view: Callable[..., Any], declare: Callable[[Any], Any]) -> Callable[..., Any]:
    """Give a view of a library a declaration of ours, without touching the library's object."""

    def through(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return view(request, *args, **kwargs)

    through.__dict__.update(view.__dict__)
    through.__name__ = getattr(view, "__name__", "view")
    wrapped: Callable[..., Any] = declare(through)
    return wrapped


class RuleMiddleware:
    """Asks the rule of each view before it runs, and turns refusals into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and keep pages of signed-in people out of every cache."""
        response = self.get_response(request)
        if request.path.startswith(OTHERS) or response.has_header("Cache-Control"):
            return response
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            add_never_cache_headers(response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse unless the view's declaration lets this account in."""
        if not request.path.startswith(OTHERS) and _holds_nul(request):
            return bad_request(request, ValueError("NUL"))
        permission = getattr(view, "rule", None)
        if getattr(view, "public", None) is not None:
            return None
        if permission is None:
            if request.path.startswith(OTHERS):
                return None
            raise UndeclaredViewError(request.path)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not may(request.user, permission):
            return refusal_page(request, NotAllowedError())
        return _led_to_second_factor(request, view)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Show a refusal that a view did not place beside a field as a page of its own."""
        if isinstance(error, RefusedError) and not request.path.startswith(OTHERS):
            return refusal_page(request, error)
        return None


def _led_to_second_factor(request: HttpRequest, view: Callable[..., Any]) -> HttpResponse | None:
    """Lead whoever must set up a second factor to its page; elsewhere nothing opens for him."""
    assert request.user.is_authenticated
    if not second_factor.missing(request.user):
        return None
    if not getattr(view, "before_second_factor", False):
        return redirect("second_factor")
    request.__dict__["rooms_shut"] = True  # the frame shows no way that leads nowhere
    return None


def _holds_nul(request: HttpRequest) -> bool:
    """Say whether a NUL hides in the address or the form: PostgreSQL keeps none in a text."""
    values = [value for query in (request.GET, request.POST) for _, all_ in query.lists()
              for value in all_]  # fmt: skip
    return any("\0" in str(value) for value in values) or "\0" in request.path
