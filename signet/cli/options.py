"""The options, each written once: name, short form, variable, help. A command picks those that it takes.

Every option that configures has a variable ``SIGNET_<OPTION>``; precedence is flag, variable, ``.signetrc.yaml``,
default.
Switches that say what is done (``--delete``, ``--passed``, ``--yes`` ...) have neither a variable nor a place in the
file: what a command does stands in the command. Nor have ``--junit`` and ``--exit-code``, which say what came out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from signet.errors import UsageError

PROGRAM = "signet.program"
"""Where a command finds what follows ``--``, if it takes names of its own before it."""

Registry = Annotated[
    str | None,
    typer.Option(
        "--registry",
        "-r",
        envvar="SIGNET_REGISTRY",
        metavar="PATH|URL",
        help="The registry: a clone, a bare repository, or an https, ssh or file URL.",
    ),
]
Index = Annotated[
    str | None,
    typer.Option(
        "--index",
        envvar="SIGNET_INDEX",
        metavar="URL",
        help="An index service that is asked for the answer, at the commit that the registry is at; "
        "without a usable answer, the clone gives it.",
    ),
]
AllowHttp = Annotated[
    bool,
    typer.Option(
        "--allow-http", envvar="SIGNET_ALLOW_HTTP", help="Allow plain http to a registry that is not on this machine."
    ),
]
Json = Annotated[bool, typer.Option("--json", envvar="SIGNET_JSON", help="Answer with one JSON document on stdout.")]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        envvar="SIGNET_FORMAT",
        metavar="text|json|junit|sarif|markdown|github",
        help="How to answer on stdout; --json is short for json.",
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", envvar="SIGNET_QUIET", help="As text, one line for each finding.")
]
Offline = Annotated[
    bool,
    typer.Option(
        "--offline", envvar="SIGNET_OFFLINE", help="Do not use the network: answer from what is here already."
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        envvar="SIGNET_AT",
        metavar="COMMIT|DATE",
        help="Answer from the registry as it was at a commit or a date (2026-03-03, or with a time).",
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        envvar="SIGNET_TIMEOUT",
        min=0.0,
        metavar="SECONDS",
        help="How long to try again while other writers are faster.",
    ),
]

Name = Annotated[
    str | None, typer.Option("--name", "-n", envvar="SIGNET_NAME", metavar="SERVICE", help="The name of the service.")
]
Version = Annotated[
    str | None,
    typer.Option(
        "--version",
        "-v",
        envvar="SIGNET_VERSION",
        metavar="VERSION",
        help="The version of the service; 'auto', or none: the commit that CI builds or that is checked out here.",
    ),
]
PlainVersion = Annotated[
    str | None,
    typer.Option(
        "--version", "-v", envvar="SIGNET_VERSION", metavar="VERSION", help="Only this version of the service."
    ),
]
Environment = Annotated[
    str | None,
    typer.Option(
        "--environment", "-e", envvar="SIGNET_ENVIRONMENT", metavar="ENVIRONMENT", help="The name of the environment."
    ),
]
Branch = Annotated[
    str | None,
    typer.Option(
        "--branch",
        "-b",
        envvar="SIGNET_BRANCH",
        metavar="BRANCH",
        help="The branch that the version was built on; none: the one that CI builds or that is checked out here.",
    ),
]
Instance = Annotated[
    str | None,
    typer.Option(
        "--instance", envvar="SIGNET_INSTANCE", metavar="INSTANCE", help="One of several deployments side by side."
    ),
]
Consumer = Annotated[
    str | None,
    typer.Option("--consumer", envvar="SIGNET_CONSUMER", metavar="SERVICE", help="The name of the consumer."),
]
ConsumerVersion = Annotated[
    str | None,
    typer.Option(
        "--consumer-version", envvar="SIGNET_CONSUMER_VERSION", metavar="VERSION", help="The version of the consumer."
    ),
]
Provider = Annotated[
    str | None,
    typer.Option("--provider", envvar="SIGNET_PROVIDER", metavar="SERVICE", help="The name of the provider."),
]
Paths = Annotated[
    list[Path] | None,
    typer.Option(
        "--path",
        "-p",
        envvar="SIGNET_PATH",
        metavar="FILE",
        help="A spec or contract, or a folder of them; may be repeated.",
    ),
]
Artifacts = Annotated[
    list[str] | None,
    typer.Option(
        "--artifact",
        envvar="SIGNET_ARTIFACT",
        metavar="KIND=PLACE",
        help="Where something of this version is, such as image=registry/cart:2.1.0 (image, source, tests); may be "
        "repeated.",
    ),
]
Tool = Annotated[
    str, typer.Option("--tool", envvar="SIGNET_TOOL", metavar="TEXT", help="The tool that produced the result.")
]
Url = Annotated[str, typer.Option("--url", envvar="SIGNET_URL", metavar="URL", help="Where the result can be read.")]
Ignore = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore",
        envvar="SIGNET_IGNORE",
        metavar="SERVICE[@VERSION]",
        help="Leave this neighbour out of the decision; may be repeated.",
    ),
]
With = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        envvar="SIGNET_WITH",
        metavar="SERVICE@VERSION",
        help="A version that goes there at the same time; may be repeated.",
    ),
]

Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        envvar="SIGNET_PROFILE",
        metavar="NAME",
        expose_value=False,
        help="Use this profile of .signetrc.yaml.",
    ),
]
IgnoreConfig = Annotated[
    bool,
    typer.Option(
        "--ignore-config",
        "-i",
        envvar="SIGNET_IGNORE_CONFIG",
        expose_value=False,
        help="Do not read .signetrc.yaml.",
    ),
]


def configuring(profile: Profile = None, ignore_config: IgnoreConfig = False) -> None:
    """The options that every command takes for its configuration; ``signet.cli.config`` reads them."""


AcceptRewrite = Annotated[
    str | None,
    typer.Option(
        "--accept-rewrite",
        envvar="SIGNET_ACCEPT_REWRITE",
        metavar="COMMIT",
        help="Accept that the registry's history was rewritten, if its branch is at this commit now.",
    ),
]


Transport = Annotated[
    str,
    typer.Option(
        "--transport",
        envvar="SIGNET_TRANSPORT",
        metavar="auto|git|dulwich",
        help="How to talk to the registry: by the git program or, without it, by a library; auto: git if found.",
    ),
]
Propose = Annotated[
    bool,
    typer.Option(
        "--propose",
        envvar="SIGNET_PROPOSE",
        help="Push the commit as a branch of its own, ready for a pull request; the registry stays as it is.",
    ),
]


PullRequest = Annotated[
    bool,
    typer.Option(
        "--pull-request",
        envvar="SIGNET_PULL_REQUEST",
        help="As --propose, and open a pull request for the branch, or bring the one that is open up to date.",
    ),
]
Forge = Annotated[
    str | None,
    typer.Option(
        "--forge",
        envvar="SIGNET_FORGE",
        metavar="github|gitlab|gitea|bitbucket",
        help="Which forge the registry is at, if its host does not tell (forgejo is a gitea).",
    ),
]
ForgeUrl = Annotated[
    str | None,
    typer.Option(
        "--forge-url",
        envvar="SIGNET_FORGE_URL",
        metavar="URL",
        help="Where the forge is, if it is not at the registry's host. SIGNET_TOKEN is sent there.",
    ),
]


def reaching(
    allow_http: AllowHttp = False, transport: Transport = "auto", accept_rewrite: AcceptRewrite = None
) -> None:
    """The options of every command that opens a registry; ``signet.cli.opening`` uses them."""


def writing(
    timeout: Timeout = 60.0,
    propose: Propose = False,
    pull_request: PullRequest = False,
    forge: Forge = None,
    forge_url: ForgeUrl = None,
) -> None:
    """The options of every command that records a fact; ``signet.cli.opening`` uses them."""


ONE_A_LINE = ("header", "exclude", "spec-state", "variable")
"""Options that may be repeated and whose values have blanks: their variables hold one value a line."""


def artifacts(given: list[str] | None) -> dict[str, str]:
    """The values of ``--artifact``, by kind; UsageError for one that is not KIND=PLACE, or a kind with two places."""
    found: dict[str, str] = {}
    for text in given or ():
        kind, separator, place = text.partition("=")
        if not (kind and separator and place):
            raise UsageError(f"--artifact {text!r} is not KIND=PLACE.", "Write it as image=registry/cart:2.1.0.")
        if found.setdefault(kind, place) != place:
            raise UsageError(f"--artifact {kind} is given with two places.", "A version has one of each kind.")
    return found


def is_from_a_file(ctx: typer.Context, parameter: str) -> bool:
    """Does the value of a parameter stand in the configuration file?"""
    source = ctx.get_parameter_source(parameter)
    return source is not None and source.name == "DEFAULT_MAP"


def is_typed(ctx: typer.Context, parameter: str) -> bool:
    """Does the value of a parameter stand on the command line, and not in a variable or the file?"""
    source = ctx.get_parameter_source(parameter)
    return source is not None and source.name == "COMMANDLINE"
