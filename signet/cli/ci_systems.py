"""The table of CI systems: how each is known, and where it says what it builds. Data only; ``signet.cli.ci`` reads it.

A column is a list of cells; the first one that says something counts. On a pull (or merge) request the columns
``head`` and ``head_branch`` are asked instead of ``commit`` and ``branch``: what GitHub, Azure and Travis call *the
commit* there is a merge that they made for this run alone, which nobody will ever deploy.

The order matters where variables of several systems are set, as when one starts the agents of another: the first row
that is proved is taken. Jenkins stands last, because a process that it starts inherits names as plain as BUILD_ID.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

NUMBER = r"([0-9]+)"
PROJECT = r"(?:.*[:/])?([^:/]+/[^:/]+?)(?:\.git)?/?"
"""The last two steps of a repository's address: the same for https, ssh and git addresses of one repository."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One place: a variable, or a value inside the JSON file that the variable names.

    Group 1 of ``pattern``, which must match the whole value, is what it says; ``when`` is another variable that must
    have that value.
    """

    variable: str
    pattern: str = r"(.+)"
    pointer: str = ""
    when: tuple[str, str] = ("", "")

    @property
    def place(self) -> str:
        """What to call this place."""
        return f"{self.variable} {self.pointer}".rstrip()


@dataclass(frozen=True, slots=True)
class Other:
    """Another build that a run may have checked out by itself; it counts if ``commit`` is what is checked out."""

    commit: Cell
    branch: Cell
    request: tuple[Cell, ...]
    fork: tuple[Cell, Cell]


@dataclass(frozen=True, slots=True)
class System:
    """One row.

    ``proof``: sets of variables, one of which is set as a whole. ``forks``: one cell that says something for a fork's
    request only, or theirs and ours, which differ for it. ``base``: the commit that a request would be merged into, as
    it was when the run began; ``queue``: the same for the build of a merge queue. ``url``: templates of variables.
    ``sets``: other rows whose proof this system sets too.
    """

    name: str
    proof: tuple[tuple[str, ...], ...]
    commit: tuple[Cell, ...]
    branch: tuple[Cell, ...]
    tag: tuple[Cell, ...]
    request: tuple[Cell, ...]
    head: tuple[Cell, ...]
    head_branch: tuple[Cell, ...]
    forks: tuple[tuple[Cell, ...], ...]
    repository: tuple[str, ...]
    url: tuple[str, ...]
    base: tuple[Cell, ...] = ()
    queue: tuple[Cell, ...] = ()
    others: tuple[Other, ...] = ()
    sets: tuple[str, ...] = ()


def _event(pointer: str) -> Cell:
    return Cell("GITHUB_EVENT_PATH", pointer=pointer)


_PULL_FORK = (_event("/pull_request/head/repo/full_name"), _event("/pull_request/base/repo/full_name"))

GITHUB = System(
    name="GitHub Actions",
    proof=(("GITHUB_ACTIONS",),),
    commit=(Cell("GITHUB_SHA"),),
    branch=(Cell("GITHUB_REF", r"refs/heads/(.+)"), Cell("GITHUB_REF_NAME", when=("GITHUB_REF_TYPE", "branch"))),
    tag=(Cell("GITHUB_REF", r"refs/tags/(.+)"), Cell("GITHUB_REF_NAME", when=("GITHUB_REF_TYPE", "tag"))),
    # Not for pull_request_target, and not once it is merged: those runs are on the base branch, and GITHUB_REF says so.
    request=(
        Cell("GITHUB_REF", r"refs/pull/([0-9]+)/.+"),
        Cell("GITHUB_REF_NAME", r"([0-9]+)/(?:merge|head)", when=("GITHUB_EVENT_NAME", "pull_request")),
    ),
    head=(_event("/pull_request/head/sha"),),
    head_branch=(Cell("GITHUB_HEAD_REF"), _event("/pull_request/head/ref")),
    base=(_event("/pull_request/base/sha"),),
    queue=(_event("/merge_group/base_sha"),),
    forks=(_PULL_FORK,),
    repository=("{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}",),
    url=("{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",),
    # pull_request_target and workflow_run run on the default or base branch; many workflows check out the other commit.
    others=(
        Other(
            _event("/pull_request/head/sha"),
            _event("/pull_request/head/ref"),
            (_event("/pull_request/number"),),
            _PULL_FORK,
        ),
        Other(
            _event("/workflow_run/head_sha"),
            _event("/workflow_run/head_branch"),
            (),
            (_event("/workflow_run/head_repository/full_name"), _event("/workflow_run/repository/full_name")),
        ),
    ),
)

SYSTEMS = (
    replace(
        GITHUB,
        name="Forgejo Actions",
        proof=(("FORGEJO_ACTIONS",),),
        head=(*GITHUB.head, Cell("GITHUB_SHA")),  # no merge is made there
        url=("{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_NUMBER}",),  # its pages go by number
        sets=("Gitea Actions", "GitHub Actions"),
    ),
    replace(
        GITHUB,
        name="Gitea Actions",
        proof=(("GITEA_ACTIONS",),),
        head=(*GITHUB.head, Cell("GITHUB_SHA")),
        sets=("GitHub Actions",),
    ),
    GITHUB,
    System(
        name="GitLab CI",
        proof=(("GITLAB_CI",),),
        commit=(Cell("CI_COMMIT_SHA"),),
        branch=(Cell("CI_COMMIT_BRANCH"),),
        tag=(Cell("CI_COMMIT_TAG"),),
        request=(Cell("CI_MERGE_REQUEST_IID", NUMBER), Cell("CI_EXTERNAL_PULL_REQUEST_IID", NUMBER)),
        # The first is set for merged results only, where CI_COMMIT_SHA is the merge.
        head=(
            Cell("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"),
            Cell("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA"),
            Cell("CI_COMMIT_SHA"),
        ),
        head_branch=(
            Cell("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"),
            Cell("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME"),
        ),
        # The first is set for merged results only; the second is where the request began.
        base=(
            Cell("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"),
            Cell("CI_MERGE_REQUEST_DIFF_BASE_SHA"),
            Cell("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA"),
        ),
        forks=(
            (Cell("CI_MERGE_REQUEST_SOURCE_PROJECT_PATH"), Cell("CI_MERGE_REQUEST_PROJECT_PATH")),
            (
                Cell("CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY"),
                Cell("CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY"),
            ),
        ),
        repository=("{CI_PROJECT_URL}",),
        url=("{CI_JOB_URL}", "{CI_PIPELINE_URL}"),
    ),
    System(
        name="Buildkite",
        proof=(("BUILDKITE",),),
        commit=(Cell("BUILDKITE_COMMIT"),),  # HEAD, where a build was started by hand: then the checkout knows
        branch=(Cell("BUILDKITE_BRANCH"),),  # the tag's name again, where a tag is built
        tag=(Cell("BUILDKITE_TAG"),),
        request=(Cell("BUILDKITE_PULL_REQUEST", NUMBER),),  # or "false"
        head=(Cell("BUILDKITE_COMMIT"),),
        head_branch=(Cell("BUILDKITE_BRANCH"),),
        forks=(
            (Cell("BUILDKITE_PULL_REQUEST_REPO", PROJECT), Cell("BUILDKITE_REPO", PROJECT)),
            (Cell("BUILDKITE_BRANCH", r"([^:]+):.+"),),  # a setting puts the fork's owner before the branch
        ),
        repository=("{BUILDKITE_REPO}",),
        url=("{BUILDKITE_BUILD_URL}",),
    ),
    System(
        name="CircleCI",
        proof=(("CIRCLECI",),),
        commit=(Cell("CIRCLE_SHA1"),),
        branch=(Cell("CIRCLE_BRANCH"),),
        tag=(Cell("CIRCLE_TAG"),),
        request=(
            Cell("CIRCLE_PR_NUMBER", NUMBER),
            Cell("CIRCLE_PULL_REQUEST", r".*/([0-9]+)"),
            Cell("CIRCLE_BRANCH", r"pull/([0-9]+)"),
        ),
        head=(Cell("CIRCLE_SHA1"),),
        head_branch=(Cell("CIRCLE_BRANCH"),),
        forks=((Cell("CIRCLE_PR_NUMBER", NUMBER),), (Cell("CIRCLE_BRANCH", r"(pull/[0-9]+)"),)),
        repository=("{CIRCLE_REPOSITORY_URL}",),
        url=("{CIRCLE_BUILD_URL}",),
    ),
    System(
        name="Azure Pipelines",
        proof=(("TF_BUILD",),),
        commit=(Cell("BUILD_SOURCEVERSION"),),
        branch=(Cell("BUILD_SOURCEBRANCH", r"refs/heads/(.+)"),),
        tag=(Cell("BUILD_SOURCEBRANCH", r"refs/tags/(.+)"),),
        request=(
            Cell("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", NUMBER),  # GitHub's number; the id is Azure's own then
            Cell("BUILD_SOURCEBRANCH", r"refs/pull/([0-9]+)/.+"),
            Cell("SYSTEM_PULLREQUEST_PULLREQUESTID", NUMBER),
        ),
        head=(Cell("SYSTEM_PULLREQUEST_SOURCECOMMITID"),),
        # With refs/heads/ for Azure Repos, without it for GitHub.
        head_branch=(Cell("SYSTEM_PULLREQUEST_SOURCEBRANCH", r"(?:refs/heads/)?+(.+)"),),
        forks=((Cell("SYSTEM_PULLREQUEST_ISFORK", r"((?i:true))"),),),
        repository=("{BUILD_REPOSITORY_URI}",),
        url=(
            "{SYSTEM_TEAMFOUNDATIONCOLLECTIONURI}/{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
            "{SYSTEM_TEAMFOUNDATIONSERVERURI}/{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
        ),
    ),
    System(
        name="Bitbucket Pipelines",
        proof=(("BITBUCKET_BUILD_NUMBER",),),
        commit=(Cell("BITBUCKET_COMMIT"),),
        branch=(Cell("BITBUCKET_BRANCH"),),
        tag=(Cell("BITBUCKET_TAG"),),
        request=(Cell("BITBUCKET_PR_ID", NUMBER),),
        head=(Cell("BITBUCKET_COMMIT"),),  # shortened to 12 digits on some pull requests
        head_branch=(Cell("BITBUCKET_BRANCH"),),
        forks=(),  # a fork's pipelines run in the fork
        repository=("{BITBUCKET_GIT_HTTP_ORIGIN}",),
        url=("{BITBUCKET_GIT_HTTP_ORIGIN}/pipelines/results/{BITBUCKET_BUILD_NUMBER}",),
    ),
    System(
        name="Travis CI",
        proof=(("TRAVIS",),),
        commit=(Cell("TRAVIS_COMMIT"),),
        branch=(Cell("TRAVIS_BRANCH"),),  # the target on a pull request, the tag's name for a tag
        tag=(Cell("TRAVIS_TAG"),),
        request=(Cell("TRAVIS_PULL_REQUEST", NUMBER),),  # or "false"
        head=(Cell("TRAVIS_PULL_REQUEST_SHA"),),
        head_branch=(Cell("TRAVIS_PULL_REQUEST_BRANCH"),),
        forks=((Cell("TRAVIS_PULL_REQUEST_SLUG"), Cell("TRAVIS_REPO_SLUG")),),
        repository=(),
        url=("{TRAVIS_BUILD_WEB_URL}", "{TRAVIS_JOB_WEB_URL}"),
    ),
    System(
        name="Jenkins",
        # JENKINS_URL alone also stands in the shell of whoever uses Jenkins' command line.
        proof=(("JENKINS_URL", "BUILD_ID"), ("JENKINS_HOME", "BUILD_ID")),
        commit=(Cell("GIT_COMMIT"),),
        # Of a multibranch project; else of the git plugin, with the name of its remote.
        branch=(
            Cell("BRANCH_NAME"),
            Cell("GIT_LOCAL_BRANCH"),
            Cell("GIT_BRANCH", r"(?:(?:refs/remotes/)?origin/|refs/heads/)?+(?!(?:detached|HEAD)\Z|refs/)(.+)"),
        ),
        tag=(Cell("TAG_NAME"), Cell("GIT_BRANCH", r"refs/tags/(.+)")),
        request=(Cell("CHANGE_ID"),),
        head=(Cell("GIT_COMMIT"),),
        head_branch=(Cell("CHANGE_BRANCH"),),  # BRANCH_NAME is PR-12 there
        forks=((Cell("CHANGE_FORK"),),),
        repository=("{GIT_URL}", "{GIT_URL_1}"),
        url=("{BUILD_URL}",),
    ),
)


def variables() -> frozenset[str]:
    """Every variable that the table names, and CI, which most systems set."""
    found = {"CI"}
    for system in SYSTEMS:
        found.update(name for proof in system.proof for name in proof)
        found.update(name for text in (*system.repository, *system.url) for name in names_in(text))
        found.update(name for cell in cells(system) for name in (cell.variable, cell.when[0]) if name)
    return frozenset(found)


def names_in(template: str) -> list[str]:
    """The variables in a template."""
    return re.findall(r"\{([A-Z0-9_]+)\}", template)


def cells(row: System | Other) -> Iterator[Cell]:
    """Every cell of a row."""
    for field in fields(row):
        yield from _inside(getattr(row, field.name))


def _inside(value: object) -> Iterator[Cell]:
    if isinstance(value, Cell):
        yield value
    elif isinstance(value, Other):
        yield from cells(value)
    elif isinstance(value, tuple):
        for one in value:
            yield from _inside(one)
