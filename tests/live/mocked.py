"""Every answer that a spec can be asked for, and the reference's verdict on each, for the tests of the mock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft4Validator
from openapi_schema_validator import OAS30ReadValidator, OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from signet.core.compare import operations
from signet.core.compare.source import Node
from signet.core.compare.texts import Unjudgeable
from signet.core.formats import openapi, text
from signet.core.formats.bodies import is_json
from signet.core.formats.structure import METHODS
from signet.core.model.spec import Spec
from signet.live.mock.answers import Answers
from signet.live.mock.exchange import Answer
from signet.live.mock.negotiation import Preferences
from signet.live.mock.service import Service
from tests.core.reference import _CHECKERS, WHOLE, exact

DOCUMENTS = Path(__file__).parents[2] / "docs" / "examples" / "shop" / "documents"


class Given(NamedTuple):
    """One answer: of which operation and response, in which media type, and the schema that it must fit."""

    name: str
    media_type: str
    node: Node | None
    answer: Answer


def read(path: Path) -> Spec:
    """A spec from a file."""
    return openapi.spec(text.read(path.read_bytes(), path.name))


def spec(document: dict[str, Any]) -> Spec:
    """A spec from a document."""
    return openapi.spec(text.read(json.dumps(document).encode(), "spec.json"))


def every_answer(service: Service) -> Iterator[Given]:
    """For each operation and each response that it declares, the answer in each media type, or the one without body."""
    source = service.routes.source
    for route in service.routes.routes:
        for method in METHODS:
            try:
                found = service.routes.operation(route, method)
            except Unjudgeable:
                continue
            if found is None:
                continue
            answers = Answers(source, found)
            for key in found.responses:
                code = {"DEFAULT": "500"}.get(key.upper(), key.upper().replace("XX", "00"))
                if not code.isdigit() or int(code) < 200:
                    continue
                declared = operations.answer(source, found, key).content
                schemas = dict(declared.schemas)
                for media_type in declared.types or tuple(schemas) or ("",):
                    accept = media_type or None
                    answer = answers.answer(Preferences(code=code), accept)
                    name = f"{method.upper()} {route.path} {key} {media_type}".strip()
                    yield Given(name, media_type, schemas.get(media_type), answer)


class Judge:
    """The reference for the answers of one spec; it asks no code of ours."""

    def __init__(self, whole: Spec) -> None:
        validator = {"3.1": OAS31Validator, "3.0": OAS30ReadValidator}.get(whole.dialect, Draft4Validator)
        registry: Any = Registry().with_resource(WHOLE, Resource(exact(whole.source), DRAFT202012))
        checker = _CHECKERS.get(validator, validator.FORMAT_CHECKER)
        self.made = lambda pointer: validator({"$ref": f"{WHOLE}#{pointer}"}, registry=registry, format_checker=checker)

    def faults(self, given: Given) -> list[str]:
        """What is wrong with an answer: its status, its media type, or its body."""
        answer = given.answer
        if answer.code:
            return [f"{given.name}: {answer.body.decode()}"]
        headers = dict(answer.headers)
        if len(answer.body) != int(headers.get(b"content-length", b"0")):
            return [f"{given.name}: its length is another"]
        if not answer.body or given.node is None:
            return []
        kind = headers[b"content-type"].decode()
        if not is_json(kind):
            return []
        value = exact(json.loads(answer.body))
        return [f"{given.name}: {each.message[:200]}" for each in self.made(given.node.pointer).iter_errors(value)]


def digests(service: Service) -> dict[str, str]:
    """By answer, the beginning of the hash of all that is sent."""
    return {
        given.name: sha256(repr((given.answer.status, given.answer.headers)).encode() + given.answer.body).hexdigest()[
            :16
        ]
        for given in every_answer(service)
    }


def total(service: Service) -> str:
    """One hash for all answers."""
    return sha256(json.dumps(digests(service)).encode()).hexdigest()


def main() -> None:
    """Print the hashes of the specs that are named, as JSON."""
    import sys

    print(json.dumps({Path(each).name: digests(Service("x", read(Path(each)))) for each in sys.argv[1:]}, indent=1))


if __name__ == "__main__":
    main()
