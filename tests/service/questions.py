"""Every question that the API takes, asked of the story in ``asking.shop``, with real names: a path and its query."""

from __future__ import annotations

from typing import Any

from tests.domain import Team


def every(team: Team) -> list[tuple[str, dict[str, Any]]]:
    """One or more questions for each route."""
    cart = team.state.manifest("cart", "1")
    catalog = team.state.manifest("catalog", "1")
    assert cart is not None and catalog is not None and catalog.spec is not None
    contract = cart.contracts["catalog"]
    pair = {"consumer": "cart", "consumer_version": "2", "provider": "catalog"}
    guard = {"service": "cart", "version": "2"}
    return [
        ("/services", {}),
        ("/services", {"name": "CAT"}),
        ("/services/cart", {}),
        ("/services/mail", {}),
        ("/services/catalog/versions", {}),
        ("/services/catalog/versions/1", {}),
        ("/services/cart/versions/2", {}),
        ("/services/catalog/verifications", {}),
        ("/services/catalog/verifications", {"version": "1"}),
        ("/services/catalog/specs", {}),
        ("/services/catalog/specs/agreed", {}),
        (f"/services/catalog/specs/{catalog.spec}", {}),
        (f"/services/catalog/specs/{catalog.spec[:12]}", {}),
        ("/services/cart/contracts", {}),
        (f"/services/cart/contracts/catalog/{contract}", {}),
        ("/services/catalog/usage", {}),
        ("/services/catalog/usage", {"operation": "GET /items", "environment": "production"}),
        ("/search", {"q": "ca"}),
        ("/search", {"q": "get /items"}),
        ("/environments", {}),
        ("/environments/production", {}),
        ("/environments/staging", {}),
        ("/deployments", {}),
        ("/deployments", {"environment": "staging", "service": "catalog"}),
        ("/integrations", {}),
        ("/integrations", {"service": "mail"}),
        ("/integrations/cart/catalog/matrix", {}),
        ("/integrations/cart/catalog/matrix", {"every": "true"}),
        ("/integrations/cart/mail/matrix", {}),
        ("/comparisons", {**pair, "provider_version": "1"}),
        ("/comparisons", pair),
        (f"/comparisons/cart/catalog/{contract}/{catalog.spec}", {}),
        ("/changes", {"base": "catalog@1", "revision": "catalog"}),
        ("/impact", {"revision": "catalog@1"}),
        ("/impact", {"revision": "catalog", "base": "catalog@1", "environment": "staging"}),
        ("/guard", {**guard, "environment": "production"}),
        ("/guard", {**guard, "environment": "staging", "with": ["catalog@2"], "ignore": ["mail", "nobody"]}),
        ("/guard", {**guard, "target": "main-branch"}),
        ("/owed", {}),
        ("/owed", {"provider": "catalog", "provider_version": "1"}),
        ("/owed", {"consumer": "cart", "consumer_version": "2"}),
        ("/graph", {}),
        ("/graph", {"environment": "production", "service": "cart"}),
        ("/graph", {"format": "svg"}),
        ("/graph", {"format": "mermaid"}),
        ("/timeline", {}),
        ("/timeline", {"service": "cart", "environment": "staging"}),
        ("/deployments/history", {}),
        ("/deployments/history", {"service": "cart", "environment": "staging"}),
        ("/badges/production/cart", {}),
        ("/badges/production/mail", {}),
        ("/badges/staging/cart", {"version": "1"}),
    ]
