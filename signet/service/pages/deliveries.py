"""What became of the events that webhooks are told: read only, and no body, no header, no address of a receiver."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from signet.service.pages.frame import OnPage, PageRoute
from signet.service.pages.listed import Text
from signet.service.webhooks import ledger
from signet.service.webhooks.store import DEAD, DELIVERED, DROPPED, WAITING, Store


class OfTheStore(PageRoute):
    """A route that tells what only the service knows."""

    is_of_registry = False


router = APIRouter(route_class=OfTheStore, include_in_schema=False)

SIZE = 50
Before = Annotated[int | None, Query(ge=1, le=2**62)]
"""The id of a delivery; databases know none that is larger."""
STATES = (WAITING, DELIVERED, DEAD, DROPPED)
MEANS = {
    WAITING: "on its way",
    DELIVERED: "the receiver has it",
    DEAD: "given up after many tries; 'signet deliveries --replay NUMBER' sends it again",
    DROPPED: "not sent: its webhook was changed or removed",
}


@router.get("/deliveries")
def deliveries(page: OnPage, webhook: Text = "", state: Text = "", before: Before = None) -> HTMLResponse:
    """The deliveries, the newest first; ``before`` continues a list."""
    store: Store | None = getattr(page.request.app.state, "store", None)
    chosen = state if state in STATES else None
    found = ledger.Page((), None)
    if store is not None:
        found = ledger.deliveries(store, name=webhook or None, state=chosen, before=before, limit=SIZE)
    return page.show(
        "deliveries.html",
        "Deliveries",
        menu="deliveries",
        lasts=False,
        has_store=store is not None,
        counts=ledger.counts(store) if store is not None else {},
        cursors=ledger.cursors(store) if store is not None else {},
        found=found,
        states=STATES,
        means=MEANS,
        asked={"webhook": webhook, "state": state, "before": before},
    )
