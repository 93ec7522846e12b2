"""docs/webhooks.md: its tables are those of the code, and each of its files is one that the registry takes.

``SIGNET_REGENERATE=1`` writes the tables anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from signet.core.model.event import ABOUT
from signet.core.sentences import sentence
from signet.core.webhooks import PLACEHOLDERS
from signet.registry import webhooks
from signet.service.webhooks.message import hindrance
from signet.service.webhooks.outgoing import Outgoing
from tests.cli.reference import table

GUIDE = Path(__file__).parents[2] / "docs" / "webhooks.md"
FILES = re.findall(r"```yaml\n# (webhooks/[a-z-]+\.yaml)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
ALLOWED = Outgoing(("*", "http://jenkins.internal:8080"))
REGENERATE = bool(os.environ.get("SIGNET_REGENERATE"))
KEY = "whsec_" + "c2lnbmV0LXRlc3Qtc2VjcmV0LW9mLTMyLWJ5dGVzISE="


def test_the_tables_are_those_of_the_code() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    told = text
    parts = {
        "events": table(("event", "what happened"), [(f"`{name}`", about) for name, about in ABOUT.items()]),
        "placeholders": table(
            ("placeholder", "what stands in its place"),
            [(f"`${{{name}}}`", about) for name, about in PLACEHOLDERS.items()],
        ),
    }
    for name, part in parts.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        head, _, rest = told.partition(begin)
        told = f"{head}{begin}\n\n{part}\n\n{end}{rest.partition(end)[2]}"
    if REGENERATE:
        GUIDE.write_text(told, encoding="utf-8")
        return
    assert told == text, "SIGNET_REGENERATE=1 writes the tables anew"


@pytest.mark.parametrize(("path", "content"), FILES, ids=[path for path, _ in FILES])
def test_each_file_of_the_guide_is_taken_and_can_be_sent(path: str, content: str) -> None:
    one = webhooks.parsed(content.encode(), path).noun("x")
    assert hindrance(one, ALLOWED, dict.fromkeys(one.variables(), KEY)) == ""


def test_the_guide_has_a_file_for_each_kind_of_receiver() -> None:
    assert len(FILES) == 5


def test_every_event_has_a_sentence() -> None:
    from signet.core.model.event import Event

    for kind in ABOUT:
        text = sentence(Event(kind, "cart", "1", "catalog", "2", "production"))
        assert text and not text.endswith(".") and "None" not in text
