"""Which versions are to meet: what was asked, and who says what is productive where that is not the registry.

How a URL or a command is asked is in ``signet.live.resolution``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from signet.cli import trying
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.core.model.decision import Candidate
    from signet.core.model.state import State
    from signet.core.trials import Trial
    from signet.registry.read import RegistryState

ResolveUrl = Annotated[
    str | None,
    typer.Option(
        "--resolve-url",
        envvar="SIGNET_RESOLVE_URL",
        metavar="URL",
        help="Ask this URL, and not the registry, which version is productive; {service} and {environment} are filled "
        "in.",
    ),
]
ResolveCommand = Annotated[
    str | None,
    typer.Option(
        "--resolve-command",
        envvar="SIGNET_RESOLVE_COMMAND",
        metavar="COMMAND",
        help="Ask this command: JSON on its standard input and output.",
    ),
]
ResolveWithin = Annotated[
    float,
    typer.Option(
        "--resolve-within",
        envvar="SIGNET_RESOLVE_WITHIN",
        metavar="SECONDS",
        help="How long that may take for each service.",
    ),
]


@dataclass(frozen=True, slots=True)
class Resolver:
    """A URL or a command that is asked for each service; neither: the registry is."""

    url: str | None
    command: str | None
    seconds: float

    def check(self) -> None:
        """UsageError for what cannot be meant, before anything is asked."""
        from signet.core.placeholders import split
        from signet.live.provider.start import reasonable

        reasonable("--resolve-within", self.seconds, least=0.001)
        if self.url and self.command:
            raise UsageError("--resolve-url and --resolve-command are two answers.", "Pass one of them.")
        if self.command:
            split("--resolve-command", self.command)

    @property
    def is_there(self) -> bool:
        """Is anybody to be asked?"""
        return bool(self.url or self.command)

    def trials(
        self, state: State, new: Candidate, others: Sequence[str], environment: str | None, *, consumes: bool
    ) -> tuple[Trial, ...]:
        """The new version with the counterparts that are productive, by what the URL or the command says."""
        from signet.core.guard import check_names
        from signet.core.placeholders import split
        from signet.core.trials import Productive, of_productive
        from signet.live import resolution

        check_names(state, [new] if consumes else [], environment)
        found = []
        for service in others:
            question = resolution.Question(service, "provider" if consumes else "consumer", new.service, environment)
            if self.url:
                told = resolution.by_url(self.url, question, self.seconds)
            else:
                words = split("--resolve-command", self.command or "")
                told = resolution.by_command(words, question, self.seconds, trying.variables(None))
            found += [Productive(service, one.version, one.artifacts) for one in told]
        return of_productive(state, new, consumes=consumes, found=found)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is new, and whom it is to meet: by names of the registry. One of the two versions is None, or neither."""

    state: RegistryState
    consumer: str | None
    consumer_version: str | None
    provider: str
    provider_version: str | None
    environment: str | None
    resolver: Resolver

    @property
    def trigger(self) -> str:
        """What is new: the ``consumer``, the ``provider``, or nothing, as a ``pair`` is named."""
        if self.consumer_version and self.provider_version:
            return "pair"
        return "consumer" if self.consumer_version else "provider"

    def check(self) -> None:
        """UsageError where it is not said what is new."""
        if not self.consumer_version and not self.provider_version:
            raise UsageError(
                "It is not said which version is new.",
                "Pass --consumer-version or --provider-version; with both, these two meet.",
            )
        if self.consumer_version and not self.consumer:
            raise UsageError("A version of the consumer is named without it.", "Pass --consumer.")
        if self.trigger == "pair" and self.resolver.is_there:
            raise UsageError("Both versions are named: nothing is left to resolve.", "Name one of them.")

    def trials(self) -> tuple[Trial, ...]:
        """The pairs that meet; none where nothing is productive."""
        from signet.core import trials
        from signet.core.model.decision import Candidate

        new = Candidate(self.provider, self.provider_version or "")
        if self.consumer and self.consumer_version:
            consumer = Candidate(self.consumer, self.consumer_version)
            if self.provider_version:
                return (trials.of_pair(self.state, consumer, new),)
            if self.resolver.is_there:
                others = [self.provider]
                return self.resolver.trials(self.state, consumer, others, self.environment, consumes=True)
            return trials.of_consumer(self.state, consumer, self.provider, self.environment)
        if self.resolver.is_there:
            others = [self.consumer] if self.consumer else sorted(self.state.consumers(self.provider))
            return self.resolver.trials(self.state, new, others, self.environment, consumes=False)
        return trials.of_provider(self.state, new, self.consumer, self.environment)

    @property
    def nobody(self) -> str:
        """The sentence for no pair at all."""
        where = f"in {self.environment}" if self.environment else "as the head of a main branch"
        where = "by what --resolve-* says" if self.resolver.is_there else where
        if self.trigger == "consumer":
            return f"no version of {self.provider} is productive ({where})"
        who = self.consumer or "a consumer"
        return f"no version of {who} with a contract with {self.provider} is productive ({where})"
