"""The mock: services that answer by their specs, before there is anything behind them.

``Service`` answers one spec's requests, ``Site`` puts several side by side, ``run`` and ``serving`` open a port. Who
wants to record gives ``Site`` a listener: it is told of every exchange, bytes and all. It knows no registry: specs come
from the caller. Only 127.0.0.1 is listened on, and nobody is asked for anything.
"""

from __future__ import annotations

from signet.live.mock.exchange import Answer, Exchange, Request
from signet.live.mock.server import run, serving
from signet.live.mock.service import Service
from signet.live.mock.site import Listener, Mounted, Site
from signet.live.mock.trouble import Fault, Latency, Trouble, fault, latency

__all__ = [
    "Answer",
    "Exchange",
    "Fault",
    "Latency",
    "Listener",
    "Mounted",
    "Request",
    "Service",
    "Site",
    "Trouble",
    "fault",
    "latency",
    "run",
    "serving",
]
