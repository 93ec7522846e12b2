"""The read API, ``/api/v1``: a router for each family of questions. It decides nothing and reads no git."""

from __future__ import annotations

from fastapi import APIRouter

from signet.service.api import guard

router = APIRouter()
router.include_router(guard.router)
