"""What every page has: the frame around its content, the headers that keep it inert, and the way it says no.

A ``Page`` is what a view gets: the snapshot that is asked, the addresses of other pages, and ``show``. Views decide
what is told; templates how it looks. Everything that a template prints is made printable (``words.shown``) and escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from signet import __version__
from signet.errors import InvalidData, SignetError
from signet.service import problems
from signet.service.asking import Asked, At
from signet.service.computing import computing_of
from signet.service.kept import Answer, is_known, kept_of
from signet.service.pages import tags, words
from signet.service.pages.addresses import Addresses, own
from signet.service.pages.past import past
from signet.service.pages.remembered import Remembered
from signet.service.pages.telling import told
from signet.service.snapshots import Held, Snapshot

if TYPE_CHECKING:
    import jinja2

T = TypeVar("T")

_MAKING = Lock()
HERE = Path(__file__).parent
THEME = "signet-theme"
"""The cookie that remembers the theme that a reader chose; without it the system's is used."""
THEMES = ("light", "dark")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On everything that the pages send (design: safety.md, T45)."""
FRESH = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}
"""On every page: whoever has it asks whether it is still right."""

MENU = (
    ("overview", "Overview", ()),
    ("environments", "Environments", ("environments",)),
    ("services", "Services", ("services",)),
    ("integrations", "Integrations", ("integrations",)),
    ("timeline", "Timeline", ("timeline",)),
    ("guard", "Deploy Guard", ("guard",)),
    ("owed", "Owed tests", ("owed",)),
    ("deliveries", "Deliveries", ("deliveries",)),
)
"""The pages that every page links to: icon and name, title, path."""


class Page:
    """One request for a page, and the snapshot that it is about."""

    def __init__(self, request: Request, asked: Snapshot, at: str | None) -> None:
        self.request, self.asked, self.at = request, asked, at
        self.shelf: Held = request.app.state.shelf
        self.addresses = Addresses(at)

    @property
    def is_past(self) -> bool:
        """Does the page show another commit than the newest?"""
        return self.asked.commit != self.shelf.newest().commit

    def show(
        self, template: str, title: str, *, status: int = 200, menu: str = "", lasts: bool = True, **values: Any
    ) -> HTMLResponse:
        """The page of a template. ``menu`` is the entry of the menu that it belongs to.

        Not ``lasts``: it tells what may be otherwise at the same commit.
        """
        frame = {
            "title": title,
            "status": status,
            "menu": menu,
            "entries": MENU,
            "commit": self.asked.commit,
            "is_past": self.is_past,
            "newest": self.shelf.newest().commit,
            "past": past(self.shelf, self.asked),
            "registry": self.asked.state.registry_name() or "registry",
            "standing": self.shelf.standing(),
            "theme": theme_of(self.request),
            "here": own(here(self.request)),
            "at": self.at,
            "to": self.addresses.to,
            "again": self.again,
            "say": told,
            "knows": self.knows,
            "exists": self.asked.state.environments().__contains__,
            "release": __version__,
        }
        parts = environment().get_template("parts.html").make_module(frame)
        text = environment().get_template(template).render(frame | values | {"parts": parts})
        about = {tags.COMMIT: self.asked.commit} if lasts else {}
        return HTMLResponse(text, status, headers=HEADERS | FRESH | about)

    def remembered(self, question: tuple[str, ...], make: Callable[[], T]) -> T:
        """An answer about this commit, worked out once; it must not be changed."""
        with _MAKING:
            kept: Remembered | None = getattr(self.request.app.state, "remembered", None)
            if kept is None:
                kept = self.request.app.state.remembered = Remembered()
        return kept.value((self.asked.commit, *question), make)

    def knows(self, service: str, version: str | None = None) -> bool:
        """Is there such a service, or such a version of it, at the commit that is shown?"""
        state = self.asked.state
        return service in state.services() and (version is None or version in state.versions(service))

    def again(self, fragment: str = "", **changes: str | int | None) -> str:
        """The address of this page with another query; None takes a part of it away."""
        asked = [(key, value) for key, value in self.request.query_params.multi_items() if key not in changes]
        asked += [(key, str(value)) for key, value in changes.items() if value not in (None, "")]
        path = own(here(self.request).partition("?")[0])
        return path + (f"?{urlencode(asked)}" if asked else "") + (f"#{quote(fragment)}" if fragment else "")


def page_of(request: Request, asked: Asked, at: At = None) -> Page:
    """The page that is asked for."""
    return Page(request, asked, at or None)


OnPage = Annotated[Page, Depends(page_of)]


def here(request: Request) -> str:
    """The path and query of a request, as they were sent."""
    query = request.url.query
    path: bytes = request.scope.get("raw_path") or b"/"
    return path.decode("latin-1").partition("?")[0] + (f"?{query}" if query else "")


def theme_of(request: Request) -> str:
    """``light``, ``dark``, or empty where the system decides."""
    chosen = request.cookies.get(THEME, "")
    return chosen if chosen in THEMES else ""


class PageRoute(APIRoute):
    """A route whose errors are pages, with their remedy: nobody who looks at a page gets JSON or a traceback."""

    is_of_registry = True
    """Does the page follow from the registry alone? Then the process that computes (``service.computing``) makes it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        made = super().get_route_handler()

        async def handle(request: Request) -> Response:
            from starlette.concurrency import run_in_threadpool

            shelf: Held = request.app.state.shelf
            commit = shelf.newest().commit
            tag = tags.tag(request, commit, theme_of(request))
            found = None if tag is None else _at_hand(request, tag)
            if found is not None:
                return found
            computing = computing_of(request.app) if self.is_of_registry else None
            answer = await computing.ask(request) if computing is not None else None
            if answer is None:
                try:
                    answer = await made(request)
                except SignetError as error:
                    return await run_in_threadpool(refused, request, error)
                except RequestValidationError as error:
                    return await run_in_threadpool(_misasked, request, error)
                is_of_then = answer.status_code == 200 and answer.headers.get(tags.COMMIT) == commit
                now = tags.tag(request, shelf.newest().commit, theme_of(request))
                if tag is not None and tag == now and is_of_then:
                    answer.headers["ETag"] = tag
            if tag is not None and answer.status_code == 200 and answer.headers.get("ETag") == tag:
                kept_of(request.app).keep(tag, Answer(bytes(answer.body), dict(answer.headers)))
            return answer

        return handle


def _at_hand(request: Request, tag: str) -> Response | None:
    """A page that needs no making, as it was sent before; what comes from the event loop must be quick."""
    if is_known(request, tag):
        return Response(status_code=304, headers=HEADERS | FRESH | {"ETag": tag})
    found = kept_of(request.app).get(tag)
    return None if found is None else HTMLResponse(found.body, headers=found.headers)


def refused(request: Request, error: SignetError) -> HTMLResponse:
    """The page that tells an error; nothing on it looks at another commit, as that may be what is wrong."""
    faults = error.faults if isinstance(error, InvalidData) else ()
    status = problems.status(error)
    return _problem(request, status, _TITLES.get(status, "That did not work"), error.message, error.remedy, faults)


def absent(request: Request) -> HTMLResponse:
    """The page for an address at which there is none."""
    remedy = "Look at the menu, or search for a service, version or environment."
    return _problem(request, 404, "There is no such page", "No page has this address.", remedy)


def _misasked(request: Request, error: RequestValidationError) -> HTMLResponse:
    places = [".".join(str(part) for part in one["loc"][1:]) for one in error.errors()]
    said = [f"{place or 'the address'}: {one['msg']}" for place, one in zip(places, error.errors(), strict=True)]
    message = f"The address asks for something that cannot be: {'; '.join(said)}."
    return _problem(request, 400, "That is not a question", message, "Go back, and choose from what the page offers.")


_TITLES = {
    400: "That is not a question",
    404: "The registry does not know that",
    422: "A file of the registry is broken",
    503: "There is no answer now",
}


def _problem(
    request: Request, status: int, title: str, message: str, remedy: str, faults: tuple[Any, ...] = ()
) -> HTMLResponse:
    newest = request.app.state.shelf.newest()
    page = Page(request, newest, None)
    return page.show("problem.html", title, status=status, message=message, remedy=remedy, faults=faults)


@cache
def environment() -> jinja2.Environment:
    """The templates. A name that a template does not get is an error, and never an empty place."""
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
        auto_reload=False,
    )
    from signet.service.pages import static

    found.globals.update(static=static.address, counted=words.counted)
    found.filters.update(web=words.web_address, moment=words.moment)
    found.policies["json.dumps_kwargs"] = {"ensure_ascii": True}
    return found


def _printable(value: Any) -> Any:
    from markupsafe import Markup

    return words.shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def told_as_page(request: Request) -> bool:
    """Does a person look, and not a program? A browser says that it reads HTML; the API answers all alike."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
