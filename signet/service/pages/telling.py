"""Events as a person reads them: an icon, whether it is good or bad news, and words for the names to stand around."""

from __future__ import annotations

from typing import NamedTuple

from signet.core.model import event as kinds
from signet.core.model.event import Event


class Told(NamedTuple):
    """An event as a person reads it: an icon, whether it is good or bad news, and the words around its names."""

    icon: str
    tone: str
    verb: str


SAYS = {
    kinds.SERVICE_REGISTERED: Told("service", "plain", "was registered"),
    kinds.SERVICE_REMOVED: Told("removed", "plain", "was removed"),
    kinds.ENVIRONMENT_REGISTERED: Told("environments", "plain", "is a new environment"),
    kinds.ENVIRONMENT_REMOVED: Told("removed", "plain", "is no environment any more"),
    kinds.VERSION_REGISTERED: Told("version", "plain", "is a new version"),
    kinds.SPEC_PROPOSED: Told("spec", "info", "has a new agreed spec"),
    kinds.SPEC_WITHDRAWN: Told("removed", "plain", "has no agreed spec any more"),
    kinds.SPEC_PUBLISHED: Told("spec", "info", "was published with a spec"),
    kinds.CONTRACT_PUBLISHED: Told("contract", "info", "was published with a contract with"),
    kinds.CONTRACT_CHANGED: Told("contract", "info", "expects something else of"),
    kinds.VERIFICATION_RECORDED: Told("verification", "plain", "was tested"),
    kinds.DEPLOYMENT_DESIRED: Told("deploy", "plain", "is to be deployed to"),
    kinds.DEPLOYMENT_WITHDRAWN: Told("undeploy", "plain", "is not to be deployed any more to"),
    kinds.DEPLOYED: Told("deploy", "accent", "was deployed to"),
    kinds.UNDEPLOYED: Told("undeploy", "plain", "was taken away from"),
    kinds.RELEASED: Told("deploy", "accent", "was released to"),
    kinds.RELEASE_ENDED: Told("undeploy", "plain", "is not supported any more in"),
    kinds.COMPARISON_TURNED: Told("comparison", "info", "turned with"),
    kinds.GUARD_RED: Told("guard", "no", "may not be any more in"),
    kinds.GUARD_GREEN: Told("guard", "yes", "may be again in"),
    kinds.VERIFICATION_OWED: Told("owed", "unknown", "owes a test"),
    kinds.UNREADABLE: Told("broken", "no", "has a file that cannot be read"),
}


def told(event: Event) -> Told:
    """How an event is told; results and turns say which way they went."""
    found = SAYS.get(event.type, Told("version", "plain", event.type))
    if event.type == kinds.VERIFICATION_RECORDED:
        what = "the replay of the contract of" if event.other else "the test against its spec"
        passed = event.detail.get("result") == "passed"
        return found._replace(tone="yes" if passed else "no", verb=f"{'passed' if passed else 'failed'} {what}")
    if event.type == kinds.COMPARISON_TURNED:
        after = event.detail.get("after", "")
        tone = {"compatible": "yes", "incompatible": "no"}.get(after, "unknown")
        return found._replace(tone=tone, verb=f"turned {after} with")
    return found
