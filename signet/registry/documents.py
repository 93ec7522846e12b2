"""Bytes <-> noun, for each kind of file in the registry: one model a kind, checked whole, every fault with its place.

People's files are YAML and edited in place, with their comments (ruamel.yaml); machines' files are JSON, sorted keys.
A record carries its identity, and ``parse`` holds it against the identity that its path gives. It reads no repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from signet.core.formats import text
from signet.core.model import names
from signet.core.model.state import Environment, Manifest, Placement, Service, Slot
from signet.core.model.verification import Replay, SpecTest
from signet.errors import Fault, InvalidData

if TYPE_CHECKING:
    from signet.core.changes import Policy


def _yes_or_no(value: Any) -> Any:
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    if isinstance(value, bool):
        return value
    raise ValueError("true or false is expected")


def name_of(kind: str) -> BeforeValidator:
    """Checks that a text can be the name of a kind (``signet.core.model.names``)."""

    def check(value: Any) -> Any:
        reason = names.fault_of(kind, value) if isinstance(value, str) else "it is not a text"
        if reason is not None:
            raise ValueError(f"it cannot be the name of a {kind}: {reason}")
        return value

    return BeforeValidator(check)


def _as_list(value: Any) -> Any:
    return [] if value is None else value


def _as_slot(value: Any) -> Any:
    return {"version": value} if isinstance(value, str) else value


def _each_once(value: list[str] | None) -> list[str] | None:
    if value is not None and len(set(value)) < len(value):
        raise ValueError("an environment is listed twice")
    return value


ServiceName = Annotated[str, name_of("service")]
VersionName = Annotated[str, name_of("version")]
EnvironmentName = Annotated[str, name_of("environment")]
InstanceName = Annotated[str, name_of("instance")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
YesOrNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Texts = Annotated[list[str], BeforeValidator(_as_list)]


class Record(BaseModel):
    """The base of every kind of file: unknown keys are faults, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=100_000, defer_build=True)

    def written(self) -> dict[str, Any]:
        """The JSON value of the record."""
        return self.model_dump(mode="python")


class CheckPolicy(Record):
    """The part of ``signet.yaml`` that ``signet check`` goes by.

    ``protected`` are the environments that no change may turn against; None: those of production.
    """

    protected: Annotated[list[EnvironmentName] | None, AfterValidator(_each_once)] = None


def _change_id(value: Any) -> Any:
    from signet.core.changes.rules import RULES, is_known

    if not isinstance(value, str) or not is_known(value):
        near = names.nearest(str(value), RULES)
        raise ValueError("there is no change with this id" + (f" (did you mean {near!r}?)" if near else ""))
    return value


class ChangesPolicy(Record):
    """``changes`` of ``signet.yaml``: how grave changes of specs are here, and how long before its end one is told."""

    severity: dict[Annotated[str, BeforeValidator(_change_id)], Literal["breaking", "warning", "harmless"]] = {}
    notice: Annotated[int, Field(ge=0, le=10_000)] = 0

    def noun(self, today: date | None) -> Policy:
        """The policy of a comparison; whether a sunset has passed hangs on ``today`` (None: none ever did)."""
        from signet.core.changes import Policy

        return Policy(dict(self.severity), today, self.notice)


class RegistryFile(Record):
    """``signet.yaml``. ``version`` is that of the policy in it: where it is kept, each change raises it by one."""

    format: Literal["1"]
    version: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    name: str = ""
    trust: Literal["open"] = "open"
    owners: Texts = []
    check: CheckPolicy | None = None
    changes: ChangesPolicy = ChangesPolicy()


class EnvironmentFile(Record):
    """``environments/<env>.yaml``."""

    display_name: str | None = None
    production: YesOrNo = False
    order: int | None = None
    owners: Texts = []

    def noun(self, name: str) -> Environment:
        """The environment of that name."""
        return Environment(name, self.display_name or "", self.production, self.order, tuple(self.owners))


class ServiceFile(Record):
    """``services/<service>/service.yaml``."""

    main_branch: str | None = None
    owners: Texts = []
    repository: str | None = None
    aliases: Texts = []
    external: YesOrNo = False

    def noun(self, name: str) -> Service:
        """The service of that name."""
        return Service(
            name,
            self.main_branch or "main",
            tuple(self.owners),
            self.repository or "",
            tuple(self.aliases),
            self.external,
        )


class SlotItem(Record):
    """One deployed version in an environment file."""

    version: VersionName
    instance: InstanceName | None = None


class ReleasedItem(Record):
    """One supported release in an environment file."""

    version: VersionName


def _listed_once(items: list[SlotItem] | list[ReleasedItem]) -> Any:
    seen: set[str] = set()
    for item in items:
        if isinstance(item, ReleasedItem):
            which = f"the release {item.version}"
        else:
            which = f"the instance {item.instance}" if item.instance else "the slot without an instance"
        if which in seen:
            raise ValueError(f"{which} is listed twice")
        seen.add(which)
    return items


Slots = Annotated[
    list[Annotated[SlotItem, BeforeValidator(_as_slot)]], BeforeValidator(_as_list), AfterValidator(_listed_once)
]
Releases = Annotated[
    list[Annotated[ReleasedItem, BeforeValidator(_as_slot)]], BeforeValidator(_as_list), AfterValidator(_listed_once)
]


class PlacementFile(Record):
    """``environments/<env>/<service>.yaml``. An item may be written as the version alone."""

    deployed: Slots = []
    desired: VersionName | None = None
    released: Releases = []

    def noun(self, service: str) -> Placement:
        """What is live of that service."""
        slots = tuple(sorted((Slot(one.version, one.instance) for one in self.deployed), key=_slot_order))
        return Placement(service, slots, self.desired, tuple(sorted({one.version for one in self.released})))


def _slot_order(slot: Slot) -> tuple[str, str]:
    return (slot.instance or "", slot.version)


class ManifestFile(Record):
    """``services/<service>/versions/<version>.json``."""

    kind: Literal["version"] = "version"
    service: ServiceName
    version: VersionName
    branches: list[str] = []
    spec: Digest | None = None
    contracts: dict[ServiceName, Digest] = {}
    commit: str = ""
    build_url: str = ""
    artifacts: dict[str, str] = {}

    def noun(self) -> Manifest:
        """The version."""
        return Manifest(
            self.service,
            self.version,
            tuple(self.branches),
            self.spec,
            self.contracts,
            self.commit,
            self.build_url,
            self.artifacts,
        )


class HeadFile(Record):
    """``services/<service>/branches/<branch>.json``."""

    kind: Literal["head"] = "head"
    service: ServiceName
    branch: str
    version: VersionName


def _fact(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError("a text or a whole number is expected")
    return value


Details = Annotated[dict[str, Annotated[str | int, BeforeValidator(_fact)]], Field(max_length=50)]
"""What a test tells of itself beside its result: seed, counts. No rule reads it."""


class SpecTestFile(Record):
    """``services/<service>/verifications/<version>/spec.json``."""

    kind: Literal["spec-test"] = "spec-test"
    service: ServiceName
    version: VersionName
    spec: Digest
    result: Literal["passed", "failed"]
    tool: str = ""
    url: str = ""
    details: Details = {}

    def noun(self) -> SpecTest:
        """The result."""
        return SpecTest(self.service, self.version, self.spec, self.result == "passed", self.tool, self.url)


class ReplayFile(Record):
    """``services/<service>/verifications/<version>/<consumer>-<digest>.json``."""

    kind: Literal["replay"] = "replay"
    service: ServiceName
    version: VersionName
    consumer: ServiceName
    contract: Digest
    result: Literal["passed", "failed"]
    tool: str = ""
    url: str = ""
    details: Details = {}

    def noun(self) -> Replay:
        """The result."""
        passed = self.result == "passed"
        return Replay(self.service, self.version, self.consumer, self.contract, passed, self.tool, self.url)


class SpecFile(Record):
    """``services/<service>/specs/<digest>.json``: a spec that a version was published or tested with."""

    kind: Literal["spec"] = "spec"
    service: ServiceName
    digest: Digest
    document: Annotated[dict[str, Any], Field(repr=False)]


class ContractFile(Record):
    """``services/<consumer>/contracts/<provider>/<digest>.json``."""

    kind: Literal["contract"] = "contract"
    service: ServiceName
    provider: ServiceName
    digest: Digest
    pact: Annotated[dict[str, Any], Field(repr=False)]


R = TypeVar("R", bound=Record)


def parse(model: type[R], data: bytes, path: str, identity: Mapping[str, str] | None = None) -> R:
    """One file as its model; InvalidData with every fault of it, and where path and content do not agree.

    ``identity`` holds the fields that the path fixes; a digest may be given by its first digits.
    """
    document = text.read(data, path, scalars_are_text=path.endswith(".yaml"))
    value = {} if document.value is None else document.value
    try:
        record = model.model_validate(value)
    except ValidationError as error:
        faults = [document.fault(_pointer(one["loc"], value), _message(one, model)) for one in error.errors()]
        raise refused(path, faults) from None
    faults = [
        document.fault(f"/{field}", f"says {getattr(record, field)!r}, but its path says {expected!r}")
        for field, expected in (identity or {}).items()
        if not (getattr(record, field) == expected or _is_short(field, getattr(record, field), expected))
    ]
    if faults:
        raise refused(path, faults)
    return record


def refused(path: str, faults: list[Fault]) -> InvalidData:
    """The error for a file of the registry that is broken."""
    return InvalidData(
        f"The registry's file {path} is invalid.",
        faults,
        "Mend it by a pull request, or revert the commit that broke it.",
    )


def _is_short(field: str, value: str, expected: str) -> bool:
    return field in ("digest", "contract", "spec") and len(expected) == 16 and value.startswith(expected)


def _pointer(location: tuple[int | str, ...], value: Any) -> str:
    pointer = ""
    for part in location:
        longer = f"{pointer}/{text.escape(str(part))}"
        try:
            text.resolve(value, longer)
        except LookupError:
            if part == location[-1] and isinstance(part, str) and part != "[key]":
                pointer = longer
            continue
        pointer = longer
    return pointer


def _message(error: Any, model: type[Record]) -> str:
    last = str(error["loc"][-1]) if error["loc"] else ""
    match error["type"]:
        case "missing":
            return f"the key {last!r} is missing"
        case "extra_forbidden":
            near = names.nearest(last, model.model_fields) if len(error["loc"]) == 1 else None
            return f"the key {last!r} is unknown" + (f" (did you mean {near!r}?)" if near else "")
        case "value_error":
            return str(error["ctx"]["error"])
        case "literal_error":
            return f"{error['input']!r} is not known here; {error['ctx']['expected']} is expected"
    return str(error["msg"][:1].lower() + error["msg"][1:])


def to_json(record: Record) -> bytes:
    """The bytes of a machine's record: sorted keys, two spaces, LF and a final newline. Equal records, equal bytes."""
    value = record.written()
    if not value.get("details", True):
        del value["details"]  # what tells nothing is written as it was before there were details
    return json_bytes(value)


def json_bytes(value: Any) -> bytes:
    """A JSON value as a machine's file has it."""
    return (text.dump(value, indent=2) + "\n").encode()
