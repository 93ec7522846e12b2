"""People's YAML, edited in place: comments, order and quotes stay (ruamel.yaml round trip).

It knows how such files are written, and nothing of what they mean; ``documents`` says what may stand in them. Deploy
Guard never comes here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from itertools import takewhile
from typing import Any

from signet.core.formats import text
from signet.registry.documents import Record


def edited(data: bytes | None, change: Callable[[Any], None]) -> bytes:
    """People's YAML after ``change`` worked on its mapping; comments and order stay (ruamel.yaml round trip).

    ``change`` is called twice: on the file as people wrote it, and on its plain values. Where the two do not come to
    the same (an alias that stands for two lists, a merged mapping, YAML that ruamel.yaml reads or writes in another
    way), the plain values are written, below the comments at the top: what holds goes before how it is laid out.
    """
    value = text.read(data, "people.yaml", scalars_are_text=True).value if data else None
    plain = _plain(value or {})
    change(plain)
    written = _remarks(data or b"") + _dumped(plain)
    if not value:
        return written
    try:
        mapping = _round_trip().load(data)
        change(mapping)
        kept = _dumped(mapping)
        same = _meant(kept) == _meant(written)
    except Exception:  # noqa: BLE001 - people may write anything, and ruamel.yaml raises anything
        same = False
    return kept if same else written


def _plain(value: Any) -> Any:
    """A value for ruamel.yaml; what does not print is quoted, or it would be read as a line break."""
    from ruamel.yaml.comments import CommentedMap

    if isinstance(value, dict):
        return CommentedMap({_plain(key): _plain(child) for key, child in value.items()})
    if isinstance(value, list):
        return [_plain(child) for child in value]
    return quoted(value) if isinstance(value, str) and not value.isprintable() else _written(value)


def _round_trip() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.Resolver = _text_resolver()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1000
    yaml.preserve_quotes = True
    return yaml


def _dumped(mapping: Any) -> bytes:
    import io

    out = io.BytesIO()
    _round_trip().dump(mapping, out)
    return out.getvalue()


@functools.cache
def _text_resolver() -> Any:
    """ruamel.yaml's resolver for a reader to which every plain scalar but the empty one and null is a text."""
    from ruamel.yaml.nodes import ScalarNode
    from ruamel.yaml.resolver import VersionedResolver

    class TextResolver(VersionedResolver):
        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            if kind is ScalarNode and implicit[0] and value not in ("", "~", "null", "Null", "NULL", "<<"):
                implicit = (False, True)
            return super().resolve(kind, value, implicit)

    return TextResolver


def _meant(data: bytes) -> Any:
    return text.read(data, "people.yaml", scalars_are_text=True).value


def _remarks(data: bytes) -> bytes:
    """The comments at the top of a file."""
    lines = takewhile(
        lambda line: not line.strip() or line.lstrip().startswith("#"), data.decode("utf-8-sig").splitlines()
    )
    return "".join(f"{line}\n" for line in lines).encode()


def put_key(mapping: Any, key: str, value: Any, model: type[Record]) -> None:
    """Set a key of people's YAML; a new one stands where the model has it, so the order of writers does not show."""
    value = _written(value)
    if key in mapping:
        mapping[key] = value
        return
    order = list(model.model_fields)
    later = order[order.index(key) + 1 :]
    position = next((index for index, one in enumerate(mapping) if one in later), len(mapping))
    mapping.insert(position, key, value)


def _written(value: Any) -> Any:
    """A value as it stands in people's YAML: a text that other readers would not take for one is quoted."""
    if isinstance(value, list):
        return [_written(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str) and (value.lower() in _WORDS or not re.match(r"[A-Za-z/]", value)):
        return quoted(value)
    return value


_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def quoted(value: str) -> Any:
    """A text that is always written in quotes (versions: ``1.10`` must stay a text for every reader)."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    return DoubleQuotedScalarString(value)
