"""The parts of ``docs/reference.md`` that come from tables: commands, options, reasons, findings, exit codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from signet.cli import app, boundary
from signet.cli.checks.report import CODES as CHECKS
from signet.cli.checks.report import KINDS
from signet.core.compare.codes import CODES
from signet.core.model.decision import REASONS
from signet.registry.check import RULES

REFERENCE = Path(__file__).parents[2] / "docs" / "reference.md"


def parts() -> dict[str, str]:
    """By name, the text of each part."""
    return {
        "commands": "\n\n".join(_command(name) for name in app.available()),
        "exit-codes": table(("code", "meaning"), [(str(code), text) for code, text in boundary.EXIT_CODES.items()]),
        "reasons": _reasons(),
        "findings": table(
            ("code", "severity", "step", "required of the consumer", "what the consumer may rely on"),
            [(f"`{code}`", row.severity, str(row.step), row.required, row.relies) for code, row in CODES.items()],
        ),
        "checks": table(("code", "level", "meaning"), _checks()),
        "variables": _variables(),
    }


def _checks() -> list[tuple[str, ...]]:
    """What ``signet check`` may find, in files and in what turns."""
    rows = [(f"`{code}`", rule.level, rule.about) for code, rule in RULES.items()]
    return rows + [(f"`{CHECKS[kind]}`", level, about) for kind, (level, about) in KINDS.items()]


def filled(text: str) -> str:
    """The document with each part between its markers brought up to date."""
    for name, part in parts().items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        assert begin in text and end in text, f"docs/reference.md has no place for {name}"
        head, _, rest = text.partition(begin)
        tail = rest.partition(end)[2]
        text = f"{head}{begin}\n\n{part}\n\n{end}{tail}"
    return text


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Rows as a table of Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _reasons() -> str:
    rows = [(f"`{one.code}`", one.weight, one.kind, one.about) for one in REASONS]
    return table(("code", "weight", "class", "when"), rows)


def _command(name: str) -> str:
    command = app.command(name)
    text = [f"### signet {name}"]
    if name in ("can-i-deploy",):
        return "\n\n".join([*text, app.COMMANDS[name][1], "It takes the same options."])
    prose, examples = _prose(command.help)
    text += prose
    if examples:
        text.append("```sh\n" + "\n".join(examples) + "\n```")
    shown = [param for param in command.params if param.name not in ("profile", "ignore_config")]
    text.append(table(("option", "what", "variable", "default"), [_option(param) for param in shown]))
    return "\n\n".join(text)


def _prose(text: str) -> tuple[list[str], list[str]]:
    """Paragraphs, and the examples of a help text (their lines begin with ``signet`` below ``\\b``)."""
    paragraphs: list[str] = []
    examples: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if lines and lines[0] == "\b":
            examples += lines[2:]
        else:
            paragraphs.append(" ".join(lines))
    return paragraphs, examples


def _option(param: Any) -> tuple[str, str, str, str]:
    names = ", ".join(f"`{one}`" for one in (*param.opts, *param.secondary_opts))
    if param.param_type_name == "argument":
        names = f"`{param.metavar}`"
    elif not param.is_flag:
        names += f" `{param.metavar or _choices(param)}`"
    default = "" if param.default in (None, False, "", ()) else str(param.default)
    return names, param.help or "", f"`{param.envvar}`" if param.envvar else "", default


def _choices(param: Any) -> str:
    return "|".join(str(choice) for choice in param.type_descriptor.choices or ())


def _variables() -> str:
    used: dict[str, list[str]] = {}
    options: dict[str, str] = {}
    for name in app.available():
        for param in app.command(name).params:
            if param.envvar:
                used.setdefault(param.envvar, []).append(name)
                named = next((one for one in param.opts if one.startswith("--")), f"argument {param.name}")
                options.setdefault(param.envvar, named)
    everywhere = len(app.available())
    rows = []
    for variable, names in sorted(used.items()):
        shown = "every command" if len(names) == everywhere else ", ".join(names)
        rows.append((f"`{variable}`", f"`{options[variable]}`", shown))
    return table(("variable", "option", "commands"), rows)
