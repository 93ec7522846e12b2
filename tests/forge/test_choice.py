"""Which forge a registry is at, where its API is, and which token goes there: told by addresses and variables alone."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.errors import UsageError
from signet.forge.choice import Choice, by_hand, choose
from signet.forge.place import LOOPBACK, place
from tests.fuzz import effort

SIGNET = {"SIGNET_TOKEN": "s"}


def chosen(cloned: str, environ: dict[str, str] | None = None, **more: str | bool) -> Choice | None:
    at = place(cloned)
    assert at is not None
    return choose(at, environ or {}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "kind", "api", "path"),
    [
        ("https://github.com/team/registry.git", "github", "https://api.github.com", "team/registry"),
        ("git@github.com:team/registry.git", "github", "https://api.github.com", "team/registry"),
        ("ssh://git@ssh.github.com:443/team/registry", "github", "https://api.github.com", "team/registry"),
        ("https://acme.ghe.com/team/registry", "github", "https://api.acme.ghe.com", "team/registry"),
        ("https://github.example.com/t/r.git", "github", "https://github.example.com/api/v3", "t/r"),
        ("https://gitlab.com/a/b/c.git", "gitlab", "https://gitlab.com/api/v4", "a/b/c"),
        ("git@altssh.gitlab.com:a/b.git", "gitlab", "https://gitlab.com/api/v4", "a/b"),
        ("ssh://git@gitlab.example.com:2222/a/b.git", "gitlab", "https://gitlab.example.com/api/v4", "a/b"),
        ("https://gitlab.example.com:8443/a/b/", "gitlab", "https://gitlab.example.com:8443/api/v4", "a/b"),
        ("https://codeberg.org/a/b", "gitea", "https://codeberg.org/api/v1", "a/b"),
        ("https://forgejo.example.com/a/b", "gitea", "https://forgejo.example.com/api/v1", "a/b"),
        ("git@bitbucket.org:a/b.git", "bitbucket", "https://api.bitbucket.org/2.0", "a/b"),
    ],
)
def test_the_address_tells_the_forge(url: str, kind: str, api: str, path: str) -> None:
    found = chosen(url, SIGNET)
    assert found is not None
    assert (found.kind, found.api, found.path, found.token) == (kind, api, path, "s")


@pytest.mark.parametrize(
    "url", ["https://git.example.com/a/b", "https://notgithub.com/a/b", "https://github.com.evil/a/b"]
)
def test_a_host_that_tells_nothing_is_no_forge_until_it_is_named(url: str) -> None:
    if "github.com.evil" in url:
        found = chosen(url, {"GITHUB_TOKEN": "g", **SIGNET})
        assert found is not None and found.api.startswith("https://github.com.evil/"), "its own host, its own token"
        return
    assert chosen(url, SIGNET) is None
    named = chosen(url, SIGNET, kind="Forgejo")
    assert named is not None and named.kind == "gitea"


@pytest.mark.parametrize("url", ["/srv/registry", "file:///srv/registry", "", "https://x.example/", "https://x/../y"])
def test_a_path_is_at_no_forge(url: str) -> None:
    assert place(url) is None


def test_a_forge_elsewhere_and_in_a_folder_of_its_host() -> None:
    found = chosen("git@ssh.example.com:a/b.git", SIGNET, kind="gitlab", url="https://example.com/gitlab/")
    assert found is not None
    assert (found.api, found.path, found.page) == (
        "https://example.com/gitlab/api/v4",
        "a/b",
        "https://example.com/gitlab/a/b",
    )
    found = chosen("https://example.com/gitlab/a/b.git", SIGNET, kind="gitlab", url="https://example.com/gitlab")
    assert found is not None
    assert (found.path, found.page, found.token) == ("a/b", "https://example.com/gitlab/a/b", "s")


def test_ci_tells_what_runs_at_its_own_host_and_nothing_of_others() -> None:
    gitlab = {"GITLAB_CI": "true", "CI_SERVER_URL": "https://git.example.com/lab"}
    gitlab["CI_API_V4_URL"] = "https://git.example.com/lab/api/v4"
    found = chosen("https://git.example.com/lab/a/b.git", gitlab)
    assert found is not None
    assert (found.kind, found.api, found.path) == ("gitlab", "https://git.example.com/lab/api/v4", "a/b")
    assert chosen("https://other.example.com/a/b.git", gitlab) is None

    actions = {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://git.example.com"}
    actions["GITHUB_API_URL"] = "https://git.example.com/api/v3"
    found = chosen("https://git.example.com/a/b.git", actions)
    assert found is not None and (found.kind, found.api) == ("github", "https://git.example.com/api/v3")
    found = chosen("https://git.example.com/a/b.git", {**actions, "FORGEJO_ACTIONS": "true"})
    assert found is not None and (found.kind, found.api) == ("gitea", "https://git.example.com/api/v1")
    evil = chosen("https://git.example.com/a/b.git", {**actions, "GITHUB_API_URL": "https://evil.example/api"})
    assert evil is not None and evil.api == "https://git.example.com/api/v3"


GITHUB_CI = {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_TOKEN": "g"}
ENTERPRISE_CI = {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://ghe.example.com", "GITHUB_TOKEN": "e"}


@pytest.mark.parametrize(
    ("url", "environ", "more", "token"),
    [
        ("https://github.com/a/b", {**SIGNET, "GITHUB_TOKEN": "g"}, {}, "s"),
        ("https://github.com/a/b", {"GITHUB_TOKEN": "g"}, {}, "g"),
        ("https://github.com/a/b", {"GH_TOKEN": "h"}, {}, "h"),
        ("https://github.com/a/b", GITHUB_CI, {}, "g"),
        ("https://gitlab.com/a/b", {"GITLAB_TOKEN": "l"}, {}, "l"),
        ("https://ghe.example.com/a/b", ENTERPRISE_CI, {}, "e"),
        ("https://codeberg.org/a/b", {"GITHUB_SERVER_URL": "https://codeberg.org", "GITEA_TOKEN": "t"}, {}, "t"),
        # Not to a host that it is not for:
        ("https://github.com/a/b", ENTERPRISE_CI, {}, ""),
        ("https://github.example.com/a/b", {"GITHUB_TOKEN": "g"}, {}, ""),
        ("https://github.example.com/a/b", GITHUB_CI, {}, ""),
        ("https://evil.example/a/b", {"GITHUB_TOKEN": "g", "GITLAB_TOKEN": "l"}, {"kind": "github"}, ""),
        ("https://gitlab.com/a/b", {"GITHUB_TOKEN": "g"}, {}, ""),
        ("https://gitlab.example.com/a/b", {"GITLAB_TOKEN": "l"}, {}, ""),
        ("https://codeberg.org/a/b", {"GITEA_TOKEN": "t"}, {}, ""),
        ("http://localhost/a/b", {**GITHUB_CI, "GITHUB_SERVER_URL": "https://localhost"}, {}, ""),
        # Where it was sent by name:
        ("git@git.example.com:a/b", SIGNET, {"kind": "gitea", "url": "https://forge.example.com"}, "s"),
        ("https://github.com/a/b", {"GITHUB_TOKEN": "g"}, {"kind": "github", "url": "https://x.example"}, ""),
    ],
)
def test_a_token_goes_to_its_own_host_only(url: str, environ: dict[str, str], more: dict[str, str], token: str) -> None:
    found = chosen(url, environ, **more)
    assert found is None or found.token == token
    assert "token=" not in repr(found)


@pytest.mark.parametrize(
    ("url", "environ", "more"),
    [
        ("https://git.example.com/a/b", {}, {"kind": "sourceforge"}),
        ("https://git.example.com/a/b", {}, {"url": "https://forge.example.com"}),
        ("https://git.example.com/a/b", {}, {"kind": "gitea", "url": "http://forge.example.com"}),
        ("https://git.example.com/a/b", {}, {"kind": "gitea", "url": "https://me:secret@forge.example.com"}),
        ("https://git.example.com/a/b", {}, {"kind": "gitea", "url": "https://forge.example.com/?a"}),
        ("https://git.example.com/a/b", {}, {"kind": "gitea", "url": "https://["}),
        ("https://git.example.com/a/b", {}, {"kind": "gitea", "url": "forge"}),
        ("http://git.example.com/a/b", {}, {"kind": "gitea"}),
        ("https://github.com/a/b", {"SIGNET_TOKEN": "a\nb"}, {}),
        ("https://github.com/a/b", {"GITHUB_TOKEN": "ä"}, {}),
    ],
)
def test_what_cannot_be_meant_is_refused_without_the_secret(
    url: str, environ: dict[str, str], more: dict[str, str]
) -> None:
    with pytest.raises(UsageError) as caught:
        chosen(url, environ, **more)
    assert caught.value.remedy and "secret" not in str(caught.value)


def test_plain_http_only_where_it_was_allowed() -> None:
    assert chosen("http://git.example.com/a/b", SIGNET, kind="gitea", allow_http=True) is not None


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("github", "https://x/a/b/compare/main...signet/a%23b?expand=1"),
        (
            "gitlab",
            "https://x/a/b/-/merge_requests/new?merge_request%5Bsource_branch%5D=signet%2Fa%23b"
            "&merge_request%5Btarget_branch%5D=main",
        ),
        ("gitea", "https://x/a/b/compare/main...signet/a%23b"),
        ("bitbucket", "https://x/a/b/pull-requests/new?source=signet%2Fa%23b&dest=main"),
        ("", "https://x/a/b"),
    ],
)
def test_the_page_for_a_person(kind: str, page: str) -> None:
    assert by_hand("https://x/a/b", kind, "signet/a#b", "main") == page


SCHEMES = st.sampled_from(["https://", "https://", "https://", "http://", "ssh://git@", "git@", "ftp://", ""])
HOSTS = st.sampled_from(
    [
        "github.com",
        "gitlab.com",
        "gitlab.example.com",
        "git.example.com",
        "127.0.0.1",
        "[::1]",
        "x@y",
        "[",
        "GitHub.com.",
    ]
)
PATHS = st.lists(
    st.sampled_from(["/", "team", "registry.git", ":", ":8443", ":99999", "..", "%00", "?q", "#f", "\\", "ſ"])
    | st.text(max_size=3),
    max_size=5,
).map("".join)
URLS = st.one_of(
    st.sampled_from(["https://github.com/a/b", "https://gitlab.example.com/a/b.git", "git@github.com:a/b", ""]),
    st.tuples(SCHEMES, HOSTS, PATHS).map("".join),
)
VARIABLES = st.sampled_from(
    [
        *("GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_SERVER_URL", "CI_SERVER_URL", "GITHUB_API_URL", "CI_API_V4_URL"),
        *("SIGNET_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN"),
    ]
)


@effort(150)
@given(URLS, st.dictionaries(VARIABLES, URLS, max_size=5), st.sampled_from(["", "github", "gitlab", "gitea"]), URLS)
def test_any_address_is_a_forge_with_an_own_host_or_none(
    url: str, environ: dict[str, str], kind: str, forge_url: str
) -> None:
    at = place(url)
    if at is None:
        return
    try:
        found = choose(at, environ, kind=kind, url=forge_url)
    except UsageError:
        return
    if found is not None and found.token:
        host = urlsplit(found.api).hostname or ""
        named = urlsplit(forge_url).hostname if forge_url else at.host
        assert host in (named, f"api.{named}"), "the token goes to the host that was named, or to its API"
        assert found.api.startswith("https://") or named in LOOPBACK
