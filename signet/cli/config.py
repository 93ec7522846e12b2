"""``.signetrc.yaml`` of the working directory: values for options that neither a flag nor a variable gives.

    registry: git@git.example.com:team/registry.git
    publish: {path: [openapi.yaml, pacts], name: cart}
    deploy-guard: {name: cart, environment: staging}
    profiles:
      production: {deploy-guard: {wait: 300}}

A section is named by its command and holds that command's long options. A profile has the same form and goes before
the rest of the file; it is chosen by ``--profile``, or by itself where ``--environment`` has its name. Every fault of
the file is reported at once, with its line. This module knows no option by name but those that choose a profile: which
there are, it asks the commands.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signet.errors import Fault, InvalidData, UsageError

if TYPE_CHECKING:
    from signet.core.formats.text import Document

FILE = ".signetrc.yaml"
SHARED = ("registry",)
"""The options that may stand at the top of the file (or of a profile), for every command that has them."""

_YES_NO = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

Options = Mapping[str, str]
"""By long name without dashes, the kind of each option of a command: "text", "list", "switch", "whole", "number"."""
OptionsOf = Callable[[str], Options | None]
"""The options of a command, or None if there is no such command."""


class ConfigurationRefused(UsageError):
    """The configuration file is not usable; ``faults`` are all of its faults."""

    code = "configuration-refused"

    def __init__(self, message: str, faults: Iterable[Fault] = (), remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.faults = tuple(faults)


def settings(
    command: str, options_of: OptionsOf, commands: Iterable[str], *, profile: str | None, environment: str | None
) -> dict[str, Any]:
    """The values that the file gives to the options of ``command``, by long name; empty where there is no file.

    ``profile`` is the one that was asked for; ``environment`` chooses the profile of its name, if there is one.
    """
    try:
        with Path(FILE).open("rb") as file:
            from signet.core.formats.limits import MAX_BYTES

            data = file.read(MAX_BYTES + 1)  # a link to a device never ends
    except FileNotFoundError:
        if profile is not None:
            raise UsageError(f"The profile '{profile}' is asked for, and there is no {FILE} here.", _REMEDY) from None
        return {}
    except OSError as error:
        raise ConfigurationRefused(f"{FILE} cannot be read: {error.strerror}.", remedy=_REMEDY) from None
    return _Reading(data, options_of, tuple(commands)).values(command, profile, environment)


_REMEDY = "Mend it, or pass --ignore-config."


class _Reading:
    """The file, checked as a whole before any value of it is used."""

    def __init__(self, data: bytes, options_of: OptionsOf, commands: tuple[str, ...]) -> None:
        from signet.core.formats import text

        self.options_of = options_of
        self.commands = commands
        self.faults: list[Fault] = []
        try:
            self.document: Document = text.read(data, FILE, scalars_are_text=True)
        except InvalidData as error:
            raise ConfigurationRefused(f"{FILE} is refused.", error.faults, _REMEDY) from None
        root = self.document.value
        self.base: dict[str, Any] = {}
        self.profiles: dict[str, dict[str, Any]] = {}
        if root is not None:
            self.check(root)
        if self.faults:
            raise ConfigurationRefused(f"{FILE} is refused.", self.faults, _REMEDY)

    def values(self, command: str, profile: str | None, environment: str | None) -> dict[str, Any]:
        found = self.of(self.base, command)
        if profile is not None and profile not in self.profiles:
            raise UsageError(
                f"The profile '{profile}' is not in {FILE}.{self.near(profile, self.profiles, ' ')}",
                "Write it under 'profiles:'." if not self.profiles else f"It has: {', '.join(sorted(self.profiles))}.",
            )
        chosen = profile or environment or found.get("environment")
        if isinstance(chosen, str) and chosen in self.profiles:
            found |= self.of(self.profiles[chosen], command)
        return found

    def of(self, section: Mapping[str, Any], command: str) -> dict[str, Any]:
        """What one level of the file (its top, or a profile) says to a command."""
        known = self.options_of(command) or {}
        shared = {key: section[key] for key in SHARED if key in section}
        return {key: value for key, value in (shared | section.get(command, {})).items() if key in known}

    def check(self, root: Any) -> None:
        if not isinstance(root, dict):
            self.fault("", "a mapping is expected: 'registry:', a section for each command, 'profiles:'")
            return
        self.base = self.level(root, "", (*SHARED, "profiles"))
        profiles = root.get("profiles")
        if profiles is None:
            return
        if not isinstance(profiles, dict):
            self.fault("/profiles", "a mapping of profiles is expected")
            return
        for name, section in profiles.items():
            pointer = _below("/profiles", name)
            if isinstance(section, dict):
                self.profiles[name] = self.level(section, pointer, SHARED)
            else:
                self.fault(pointer, "a mapping is expected: 'registry:', and a section for each command")

    def level(self, given: dict[str, Any], pointer: str, keys: tuple[str, ...]) -> dict[str, Any]:
        """One level, checked: shared options and sections of commands."""
        found: dict[str, Any] = {}
        for key, value in given.items():
            place = _below(pointer, key)
            if key in SHARED:
                found[key] = self.value(place, key, "text", value)
            elif key in keys:
                continue
            elif key not in self.commands or (options := self.options_of(key)) is None:
                self.fault(place, f"unknown key '{key}'{self.near(key, (*keys, *self.commands))}")
            elif isinstance(value, dict):
                found[key] = self.section(place, key, options, value)
            elif value is not None:
                self.fault(place, f"a mapping of options is expected for '{key}'")
        return found

    def section(self, pointer: str, command: str, options: Options, given: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in given.items():
            place = _below(pointer, key)
            if key not in options:
                self.fault(place, f"'{command}' has no option '{key}' for this file{self.near(key, options)}")
            else:
                found[key] = self.value(place, key, options[key], value)
        return found

    def value(self, pointer: str, key: str, kind: str, given: Any) -> Any:
        """One value, as what its option takes."""
        if kind == "list":
            items = given if isinstance(given, list) else [given]
            if all(isinstance(item, str) and item for item in items):
                return items
            return self.fault(pointer, f"'{key}' takes a text or a list of texts")
        if not isinstance(given, str) or not given:
            return self.fault(pointer, f"'{key}' takes one value")
        if kind == "switch":
            if given.lower() not in _YES_NO:
                return self.fault(pointer, f"'{key}' takes true or false")
            return _YES_NO[given.lower()]
        if kind in ("number", "whole"):
            try:
                return float(given) if kind == "number" else int(given)
            except ValueError:
                return self.fault(pointer, f"'{key}' takes a number")
        return given

    def near(self, text: str, known: Iterable[str], lead: str = "; ") -> str:
        from signet.core.model.names import nearest

        found = nearest(text, known)
        return f"{lead}did you mean '{found}'?" if found else ""

    def fault(self, pointer: str, message: str) -> None:
        self.faults.append(Fault(FILE, pointer, self.document.line(pointer), message))


def _below(pointer: str, key: str) -> str:
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"


def variable(name: str) -> str | None:
    """The value of an environment variable; an empty one counts as none."""
    return os.environ.get(name) or None
