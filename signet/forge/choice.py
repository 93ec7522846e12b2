"""Which forge a repository is at, where its API is, and which token goes there. It asks nobody.

The kind: what was said (``--forge``), else by the host, else by what CI says of itself if it runs at that host. The
API is where that kind has it on its own host; a forge at another address is named by ``--forge-url``.

A token goes to the host that it is for and nowhere else: ``SIGNET_TOKEN`` is the registry's, so it goes to the host of
the registry (or the one that the forge has its API at), and to one that ``--forge-url`` names; a forge's own variable
(``GITHUB_TOKEN`` ...) goes to the host that CI says it runs at, or, outside of CI, to the forge's public host.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from signet.errors import UsageError
from signet.forge.place import LOOPBACK, Place

KINDS = ("github", "gitlab", "gitea", "bitbucket")
NAMES = {"github": "GitHub", "gitlab": "GitLab", "gitea": "Gitea", "bitbucket": "Bitbucket"}
ALIASES = {"forgejo": "gitea"}
_PUBLIC = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "codeberg.org": "gitea",
    "gitea.com": "gitea",
    "bitbucket.org": "bitbucket",
}
_PATHS = {"github": "/api/v3", "gitlab": "/api/v4", "gitea": "/api/v1", "bitbucket": "/2.0"}
_TOKENS = {
    "github": ("GITHUB_TOKEN", "GH_TOKEN"),
    "gitlab": ("GITLAB_TOKEN",),
    "gitea": ("GITEA_TOKEN", "FORGEJO_TOKEN", "GITHUB_TOKEN"),
    "bitbucket": ("BITBUCKET_TOKEN",),
}
_SERVER = {"github": "GITHUB_SERVER_URL", "gitlab": "CI_SERVER_URL", "gitea": "GITHUB_SERVER_URL"}
"""Where a CI that belongs to a forge says at which address that forge is."""
_TOKEN_OF_CI = {"github": "https://github.com", "gitlab": "https://gitlab.com", "bitbucket": "https://bitbucket.org"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A forge: its ``kind``, where its API and the repository's page are, the repository's path, and a token.

    ``variable`` is what the token is from; both are "" where there is none.
    """

    kind: str
    api: str
    path: str
    page: str
    token: str = field(default="", repr=False)
    variable: str = ""

    @property
    def name(self) -> str:
        """What people call this forge."""
        return NAMES[self.kind]


def choose(
    at: Place, environ: Mapping[str, str], *, kind: str = "", url: str = "", allow_http: bool = False
) -> Choice | None:
    """The forge of a place; None where nothing tells which it is. UsageError for options that cannot be meant."""
    named = checked(kind)
    root = _root(url, allow_http) if url else None
    where = root or at
    chosen = named or _by_host(where.host) or _by_ci(where, environ)
    if not chosen:
        if url:
            raise UsageError("--forge-url is given, and not which forge is there.", f"Add --forge {'|'.join(KINDS)}.")
        return None
    if where.scheme == "http" and where.host not in LOOPBACK and not allow_http:
        raise UsageError(
            "A token would go over plain http.", "Name the forge by https://: --forge-url; or pass --allow-http."
        )
    base = f"{where.origin}/{root.path}".rstrip("/") if root else where.origin
    api = _api(chosen, where, base, environ)
    below = urlsplit(api).path.removesuffix(_PATHS[chosen]).strip("/")  # a forge that lies in a folder of its host
    path = at.path.removeprefix(f"{below}/") if below else at.path
    page = "/".join(part for part in (where.origin, below, quote(path)) if part)
    token, variable = _token(chosen, at, where, environ, is_named=bool(url))
    return Choice(chosen, api, path, page, token, variable)


def checked(kind: str) -> str:
    """The kind of forge that an option names, by its own name; UsageError for none."""
    found = ALIASES.get(kind.lower(), kind.lower())
    if found and found not in KINDS:
        raise UsageError(f"There is no forge called '{kind}' here.", f"--forge takes {', '.join(KINDS)} or forgejo.")
    return found


def _root(url: str, allow_http: bool) -> Place:
    """The forge's own address; its path is where it lies below its host."""
    try:
        parts = urlsplit(url)
        found = Place(parts.scheme, (parts.hostname or "").lower(), parts.port, parts.path.strip("/"))
    except ValueError:
        found = None
    if found is None or not found.host or parts.username or parts.query or parts.fragment or not url.isprintable():
        raise UsageError("--forge-url is not the address of a forge.", "Write it as https://git.example.com.")
    if found.scheme != "https" and not (found.scheme == "http" and (allow_http or found.host in LOOPBACK)):
        raise UsageError("--forge-url must begin with https://.", "A token goes there; plain http would show it.")
    return found


def _by_host(host: str) -> str:
    if host in _PUBLIC:
        return _PUBLIC[host]
    if host.endswith(".ghe.com"):
        return "github"
    labels = host.split(".")
    named = {"github": "github", "gitlab": "gitlab", "gitea": "gitea", "forgejo": "gitea"}
    return next((kind for label, kind in named.items() if label in labels), "")


def _by_ci(where: Place, environ: Mapping[str, str]) -> str:
    """The forge whose CI this is, if it runs at that host."""
    if environ.get("GITLAB_CI") and _host(environ.get("CI_SERVER_URL", "")) == where.host:
        return "gitlab"
    if environ.get("GITHUB_ACTIONS") and _host(environ.get("GITHUB_SERVER_URL", "")) == where.host:
        return "gitea" if environ.get("GITEA_ACTIONS") or environ.get("FORGEJO_ACTIONS") else "github"
    return ""


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _api(kind: str, where: Place, base: str, environ: Mapping[str, str]) -> str:
    told = environ.get({"github": "GITHUB_API_URL", "gitlab": "CI_API_V4_URL"}.get(kind, ""), "")
    if told and _host(environ.get(_SERVER[kind], "")) == where.host and told.startswith(f"{where.origin}/"):
        return told.rstrip("/")
    if kind == "github":
        public = where.host == "github.com" or where.host.endswith(".ghe.com")
        if public:
            return f"https://api.{where.host}"
    if kind == "bitbucket" and where.host == "bitbucket.org":
        return "https://api.bitbucket.org/2.0"
    return base + _PATHS[kind]


def _token(kind: str, at: Place, where: Place, environ: Mapping[str, str], *, is_named: bool) -> tuple[str, str]:
    """The token for the forge at ``where``, and the variable that it is from."""
    if environ.get("SIGNET_TOKEN") and (is_named or where.host == at.host):
        return _sound(environ["SIGNET_TOKEN"], "SIGNET_TOKEN"), "SIGNET_TOKEN"
    home = environ.get(_SERVER.get(kind, ""), "") or _TOKEN_OF_CI.get(kind, "")
    if _host(home) != where.host or urlsplit(home).scheme != where.scheme:
        return "", ""
    for variable in _TOKENS[kind]:
        if environ.get(variable):
            return _sound(environ[variable], variable), variable
    return "", ""


def _sound(token: str, variable: str) -> str:
    if not token.isprintable() or not token.isascii() or " " in token:
        raise UsageError(
            f"{variable} holds characters that no token has.", "Set it to the token alone, without a newline."
        )
    return token


def by_hand(page: str, kind: str, branch: str, base: str) -> str:
    """The page at which a person opens the request; the repository's own ``page`` where nothing better is known."""
    head, onto = quote(branch, safe="/"), quote(base, safe="/")
    match kind:
        case "github":
            return f"{page}/compare/{onto}...{head}?expand=1"
        case "gitlab":
            asked = {"merge_request[source_branch]": branch, "merge_request[target_branch]": base}
            return f"{page}/-/merge_requests/new?{urlencode(asked)}"
        case "gitea":
            return f"{page}/compare/{onto}...{head}"
        case "bitbucket":
            return f"{page}/pull-requests/new?{urlencode({'source': branch, 'dest': base})}"
        case _:
            return page
