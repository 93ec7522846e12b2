"""The program: which commands there are, in which file each lives, and where its options get their values from.

A command's file is imported when the command runs (or when help lists it), so that starting up stays light. Commands
hold the work; this module holds none.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from signet import __version__
from signet.cli import config, opening, options, render
from signet.errors import UsageError

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("signet.cli.commands.init:init", "Make a new registry: a Git repository with the first files in it."),
    "publish": (
        "signet.cli.commands.publish:publish",
        "Publish specs (OpenAPI) and contracts (Pact files) in one commit, and compare them at once.",
    ),
    "compare": (
        "signet.cli.commands.compare:compare",
        "Does a contract fit a spec? Every finding, with its place in both documents.",
    ),
    "changes": (
        "signet.cli.commands.changes:changes",
        "What changed from one spec to another, and what of it can break a consumer?",
    ),
    "test": (
        "signet.cli.commands.test:test",
        "Test a running provider: against its spec, and with what its consumers rely on; record how it went.",
    ),
    "record-verification": (
        "signet.cli.commands.record_verification:record_verification",
        "Record whether a running provider passed: against its spec, or against a consumer's contract.",
    ),
    "run": (
        "signet.cli.commands.run:run",
        "Run a new consumer's tests at the productive provider, or the productive consumers' tests at a new provider.",
    ),
    "mock": (
        "signet.cli.commands.mock:mock",
        "Answer in the place of services, by their specs, until it is stopped: its URL is printed when it is ready.",
    ),
    "start-provider": (
        "signet.cli.commands.start_provider:start_provider",
        "Start a provider, wait until it is healthy, and leave it running: its URL is printed, and written to a file.",
    ),
    "stop-provider": (
        "signet.cli.commands.stop_provider:stop_provider",
        "End the provider that 'signet start-provider' left running, with all that it started.",
    ),
    "proxy": (
        "signet.cli.commands.proxy:proxy",
        "Record what a consumer and a provider say to each other, as a contract: tests that you have write it.",
    ),
    "register-env": (
        "signet.cli.commands.register_env:register_env",
        "Register an environment, or change what is said about it.",
    ),
    "register-service": (
        "signet.cli.commands.register_service:register_service",
        "Register a service, or change what is said about it.",
    ),
    "register-version": (
        "signet.cli.commands.register_version:register_version",
        "Register a version that publishes neither spec nor contract.",
    ),
    "update-deployment": (
        "signet.cli.commands.update_deployment:update_deployment",
        "Record that a version is deployed to an environment, or is not any more.",
    ),
    "record-deployment": (
        "signet.cli.commands.update_deployment:record_deployment",
        "Record that a version is deployed to an environment.",
    ),
    "record-undeployment": (
        "signet.cli.commands.update_deployment:record_undeployment",
        "Record that a service is not deployed to an environment any more.",
    ),
    "record-release": (
        "signet.cli.commands.update_deployment:record_release",
        "Record that a version is released: supported beside all others.",
    ),
    "record-support-ended": (
        "signet.cli.commands.update_deployment:record_support_ended",
        "Record that a released version is not supported any more.",
    ),
    "promote": (
        "signet.cli.commands.promote:promote",
        "Promote a service: what is deployed in one environment is desired in another, if Deploy Guard says yes.",
    ),
    "delete-integration": (
        "signet.cli.commands.delete_integration:delete_integration",
        "Delete an integration: all contracts of a consumer with a provider, in all versions, and their results.",
    ),
    "deploy-guard": (
        "signet.cli.commands.deploy_guard:deploy_guard",
        "May this version be deployed to this environment, given what is live there?",
    ),
    "can-i-deploy": ("signet.cli.commands.deploy_guard:deploy_guard", "The same as deploy-guard."),
    "owed": (
        "signet.cli.commands.owed:owed",
        "List the tests that are owed: spec tests and replays that a guard waits for, or would be surer with.",
    ),
    "impact": (
        "signet.cli.commands.impact:impact",
        "Who is broken, touched or left alone by a changed spec: each consumer version, by environment.",
    ),
    "usage": (
        "signet.cli.commands.usage:usage",
        "Who uses an operation or a field of a provider, where, and what nobody uses.",
    ),
    "check": (
        "signet.cli.commands.check:check",
        "Is this registry, or this change of it, allowed, and what does merging it do?",
    ),
    "propose-fixtures": (
        "signet.cli.commands.propose_fixtures:propose_fixtures",
        "Propose recorded answers as fixtures for mocks: on a branch of the registry, which people approve by merging.",
    ),
    "fixtures": (
        "signet.cli.commands.fixtures:fixtures",
        "List the approved fixtures of a service, which mocks answer with, and say which do not fit the spec.",
    ),
    "status": (
        "signet.cli.commands.status:status",
        "Show what is live in every environment, the services with their heads, and the integrations between them.",
    ),
    "log": (
        "signet.cli.commands.log:log",
        "List the commits of the registry, newest first: every fact, who recorded it, and when.",
    ),
    "events": (
        "signet.cli.commands.events:events",
        "List what happened in the registry, oldest first: the events of its commits, which webhooks tell.",
    ),
    "serve": (
        "signet.cli.commands.serve:serve",
        "Serve the registry to people and programs: pages, a read API, webhooks in and out, until it is stopped.",
    ),
    "deliveries": (
        "signet.cli.commands.deliveries:deliveries",
        "List what the service sent to webhooks, newest first; with --replay or --replay-all, have it sent again.",
    ),
    "doctor": (
        "signet.cli.commands.doctor:doctor",
        "Check this machine, this checkout and the registry: what works, what does not, and what helps.",
    ),
    "demo": (
        "signet.cli.demo:demo",
        "Watch Deploy Guard stop a deployment that would break a consumer, and let the fixed one through.",
    ),
}
"""Every command, in the order in which a team meets them: where its function is, and what the list of commands says."""

ALIASES = {
    "can-i-deploy": "deploy-guard",
    "record-deployment": "update-deployment",
    "record-undeployment": "update-deployment",
    "record-release": "update-deployment",
    "record-support-ended": "update-deployment",
}
"""Commands that are another name, or a part, of another one; they read its section of the configuration file."""

RECORDING = frozenset(
    {
        *("init", "publish", "register-env", "register-service", "register-version"),
        *("test", "record-verification"),
        *("update-deployment", "record-deployment", "record-undeployment", "record-release", "record-support-ended"),
        *("promote", "delete-integration", "run", "propose-fixtures"),
    }
)
"""The commands that write to the registry."""

RUNNING = frozenset({"mock"})
"""The commands whose own arguments end at ``--``: what follows is a program to run, in ``ctx.meta[PROGRAM]``."""
_LOCATION = frozenset({"profile", "ignore_config"})
_NOT_IN_THE_FILE = _LOCATION | {"forge_url", "is_open"}
"""A file that comes with a checkout must not say where a token is sent, or who may read."""


class Command(TyperCommand):
    """A command whose options may also get their values from ``.signetrc.yaml``, and which shares some with others."""

    shared: tuple[str, ...] = ()

    def get_help_option(self, ctx: Any) -> Any:
        """``--help``, which is made when it is first asked for."""
        return _lightened(super().get_help_option(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the file between the flags that say which part of it counts, and the parsing proper."""
        if self.name in RUNNING and "--" in args:
            at = args.index("--")
            args, ctx.meta[options.PROGRAM] = args[:at], args[at + 1 :]
        if not ctx.resilient_parsing and not {"--help"} & set(args):
            ctx.default_map = self.defaults(ctx, list(args))
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what all commands share does not go through its parameters."""
        shared = {name: ctx.params.pop(name) for name in self.shared}
        with opening.given(shared):
            return super().invoke(ctx)

    def defaults(self, ctx: Any, args: list[str]) -> dict[str, Any]:
        """By parameter, what the configuration file says to this command."""
        flags, _rest, _order = self.make_parser(ctx).parse_args(args=args)
        if flags.get("ignore_config") or (config.variable("SIGNET_IGNORE_CONFIG") or "").lower() in (
            "1",
            "true",
            "yes",
        ):
            return {}
        own = ALIASES.get(self.name or "", self.name or "")
        found = config.settings(
            own,
            configurable,
            [name for name in available() if name not in ALIASES],
            profile=flags.get("profile") or config.variable("SIGNET_PROFILE"),
            environment=flags.get("environment") or config.variable("SIGNET_ENVIRONMENT"),
        )
        by_option = {_long(param): param.name for param in self.params}
        return {by_option[key]: value for key, value in found.items() if key in by_option}


class Program(TyperGroup):
    """The group of all commands; each is imported when it is named."""

    def get_help_option(self, ctx: Any) -> Any:
        """``--help``, which is made when it is first asked for."""
        return _lightened(super().get_help_option(ctx))

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands, in the order of the table."""
        return list(available())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or None."""
        return command(cmd_name) if cmd_name in available() else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of commands in the help, from the table: nothing is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in available()])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments name; an unknown one is answered with the nearest."""
        if args and not args[0].startswith("-") and args[0] not in available():
            from signet.core.model.names import nearest

            near = nearest(args[0], available())
            hint = f" Did you mean '{near}'?" if near else ""
            raise UsageError(f"There is no command '{args[0]}'.{hint}", "'signet --help' lists the commands.")
        return super().resolve_command(ctx, args)


@cache
def available() -> tuple[str, ...]:
    """The commands of this installation."""
    return tuple(name for name in COMMANDS if name != "demo" or find_spec("signet.cli.demo") is not None)


@cache
def command(name: str) -> Any:
    """One command, built from its function, with the options that it shares with all others of its kind."""
    module, _, function = COMMANDS[name][0].partition(":")
    built = _built(name, getattr(importlib.import_module(module), function), Command)
    known = {param.name for param in built.params}
    if "registry" in known:
        shared = [*_params(options.reaching), *(_params(options.writing) if name in RECORDING else ())]
        built.shared = tuple(param.name for param in shared)
        at = next((at for at, param in enumerate(built.params) if param.name == "json"), len(built.params))
        built.params[at:at] = shared
    built.params.extend(param for param in _params(options.configuring) if param.name not in known)
    return built


def _params(function: Callable[..., Any]) -> list[Any]:
    return [param for param in _built("", function, Command).params if param.name != "help"]


def _built(name: str, function: Callable[..., Any], kind: type[TyperCommand]) -> Any:
    one = typer.Typer(add_completion=False, rich_markup_mode=None)
    one.command(name, cls=kind)(function)
    found: Any = typer.main.get_command(one)
    for param in found.params:
        _lightened(param)
        if _long(param) in options.ONE_A_LINE:
            param.split_envvar_value = str.splitlines
    return found


def _lightened(param: Any) -> Any:
    """A parameter whose plain values do not go through typer; None stays None."""
    if param is not None and "process_value" not in vars(param):
        param.process_value = partial(_processed, param, param.process_value)
    return param


def _processed(param: Any, by_typer: Callable[[Any, Any], Any], ctx: Any, value: Any) -> Any:
    """The value of a parameter. Nothing, a default and plain text are what they are.

    typer would import pydantic for the first of them, and build an adapter for each, which costs about a millisecond.
    """
    if param.callback and value is None and param.type_descriptor.annotation is bool:
        return by_typer(ctx, False)  # a flag that was not given, such as --help
    given = ctx.get_parameter_source(param.name)
    text = type(value) is str and value.isascii() and param.type_descriptor.annotation is str
    if param.callback or param.required or not (text or value is None or (given and given.name == "DEFAULT")):
        return by_typer(ctx, value)
    return () if value is None and (param.multiple or param.nargs == -1) else value


def _long(param: Any) -> str:
    return next((option[2:] for option in param.opts if option.startswith("--")), "")


@cache
def configurable(name: str) -> config.Options | None:
    """The options of a command that the configuration file may hold, with the kind of each; None for no command."""
    if name not in available():
        return None
    return {_long(one): _kind(one) for one in command(name).params if one.envvar and one.name not in _NOT_IN_THE_FILE}


def _kind(param: Any) -> str:
    if param.multiple:
        return "list"
    if getattr(param, "is_flag", False):
        return "switch"
    return {"int": "whole", "float": "number"}.get(param.bare_type(), "text")


def _version(asked: bool) -> None:
    if asked:
        render.say(f"signet {__version__}")
        raise typer.Exit


def _root(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version of Signet and exit.")
    ] = False,
) -> int:
    """The contract registry that is a Git repository.

    Publish specs (OpenAPI) and contracts (Pact), record verifications and deployments, and ask Deploy Guard whether a
    version may go to an environment, given what is live there.

    \b
    The main journey:
      signet init ../registry
      signet register-env --environment production
      signet publish --name catalog --version 1.0.0 --path openapi.yaml
      signet publish --name cart --version 2.1.0 --path pacts
      signet test --name catalog --version 1.0.0 --provider-url http://127.0.0.1:8000
      signet deploy-guard --name catalog --version 1.0.0 --environment production
      signet update-deployment --name catalog --version 1.0.0 --environment production

    Every command reads its options from flags, SIGNET_* variables and .signetrc.yaml, in that order.

    Exit codes: 0 yes or done; 1 no; 2 wrong use; 3 invalid data; 4 undecided or not reachable; 5 push refused;
    6 trust; 70 a bug of ours; 130 interrupted.
    """
    if ctx.invoked_subcommand is None:
        for line in ctx.get_help().splitlines():
            render.note(line)
        return 2
    return 0


@cache
def program() -> Any:
    """The whole command line."""
    app = typer.Typer(cls=Program, rich_markup_mode=None, invoke_without_command=True, pretty_exceptions_enable=False)
    app.callback()(_root)
    found: Any = typer.main.get_command(app)
    for param in found.params:
        _lightened(param)
    return found
