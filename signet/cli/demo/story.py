"""The story that the demo tells, line by line, with the exit code that each command must have.

The shop: the cart, a consumer, asks the catalog for prices and the inventory for stock. It runs nothing itself; that is
``signet.cli.demo.stage``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from signet.cli import render
from signet.cli.demo.stage import Stage, can_write_contracts
from signet.registry.serve import served

NO, UNKNOWN = 1, 4
CLONE = "clone"


def tell(place: Stage, keep: Path | None) -> None:
    """Tell the whole story; a command that ends otherwise than it should raises SignetError."""
    _say("A shop has three services. The cart, a consumer, asks two providers: the catalog (prices) and the")
    _say("inventory (stock). Everything below really runs, in a temporary folder that is removed at the end.")
    _chapter(1, "The registry is a Git repository, here behind HTTP on this machine")
    place.run("signet init registry.git --bare --registry-name shop")
    with served(place.folder / "registry.git") as url:
        place.run(f"export SIGNET_REGISTRY={url}")
        _providers_promise(place)
        _consumer_expects(place)
        _first_deployments(place)
        _breaking_change(place)
        _fix(place)
        _look_inside(place)
    _close(place, keep)


def _providers_promise(place: Stage) -> None:
    _chapter(2, "Two providers publish what they promise: the OpenAPI documents of the running services")
    _publish_provider(place, "inventory", "1.0.0")
    _publish_provider(place, "catalog", "1.0.0")
    _say()
    _say("A promise is worth something once a running service has kept it. Any tool may do that test.")
    _test_provider(place, "inventory", "1.0.0")
    _test_provider(place, "catalog", "1.0.0")


def _consumer_expects(place: Stage) -> None:
    _chapter(3, "The consumer publishes what it expects: the Pact files that its own tests write")
    write_contracts(place)
    place.run("signet publish --name cart --version 1.0.0 --branch main --path pacts")


def write_contracts(place: Stage) -> None:
    """Put the cart's Pact files on the stage: written by its tests now, or kept from before without pact-python."""
    if can_write_contracts():
        place.run("PYTHONPATH=shop PACT_DIR=pacts python -m unittest cart.test_contracts")
    else:
        _say()
        _say("pact-python is not installed here (extra 'pact'), so these are the Pact files that it wrote before.")
        (place.folder / "pacts").mkdir()
        for name in ("cart-catalog.json", "cart-inventory.json"):
            shutil.copy(place.folder / "shop" / "documents" / name, place.folder / "pacts" / name)


def _first_deployments(place: Stage) -> None:
    _chapter(4, "Everything goes to production, each step guarded and recorded at once")
    _say()
    _say("The cart first? Deploy Guard knows that the providers are not there yet:")
    place.run("signet deploy-guard --name cart --version 1.0.0 --environment production", expected=NO)
    for service in ("inventory", "catalog", "cart"):
        place.run(_deploy(service, "1.0.0"))


def _breaking_change(place: Stage) -> None:
    _chapter(5, "The catalog renames 'price' to 'unit_price'. Its own tests are green")
    _publish_provider(place, "catalog", "2.0.0")
    _test_provider(place, "catalog", "2.0.0")
    _say()
    _say("May it go to production? No, and Deploy Guard says whom it would break, where, and what to do:")
    place.run("signet deploy-guard --name catalog --version 2.0.0 --environment production --explain", expected=NO)
    place.run("signet compare --contract cart@1.0.0 --spec catalog@2.0.0", expected=NO)
    _say()
    _say("Whoever tries all the same gets the same answer, and nothing is recorded:")
    place.run(_deploy("catalog", "2.0.0"), expected=NO)


def _fix(place: Stage) -> None:
    _chapter(6, "The fix: catalog 2.1.0 has both names, until no consumer reads the old one")
    _publish_provider(place, "catalog", "2.1.0")
    _say()
    _say("It fits on paper, but nobody has tested it. Not tested is not the same as safe: the answer is unknown.")
    place.run("signet deploy-guard --name catalog --version 2.1.0 --environment production", expected=UNKNOWN)
    place.run("signet owed --name catalog --version 2.1.0")
    _test_provider(place, "catalog", "2.1.0")
    place.run("signet deploy-guard --name catalog --version 2.1.0 --environment production")
    place.run(_deploy("catalog", "2.1.0"))


def _look_inside(place: Stage) -> None:
    _chapter(7, "What is live is what the files say; who said it, and when, is the git log")
    place.run("signet status")
    place.run(f"git clone --quiet {place.variables['SIGNET_REGISTRY']} {CLONE}")
    place.run(f"git -C {CLONE} log --format='%h  %an  %s'")
    place.run(f"git -C {CLONE} show --stat --format='%s%n%n%b' HEAD")


def _close(place: Stage, keep: Path | None) -> None:
    kept = "signet demo --keep DIR keeps this registry to look around in."
    if keep is not None:
        place.keep_clone(CLONE, keep)
        kept = f"The registry is kept in {keep}; try: signet status --registry {keep}"
    _say()
    _say("What you saw: a change that its own tests called fine was stopped before it broke the cart, because the")
    _say("registry knows what is live and who relies on what. The registry is nothing but that Git repository.")
    _say("What next: 'signet init ../registry' makes your own; the README's tutorial takes ten minutes.")
    _say(kept)


def _publish_provider(place: Stage, service: str, version: str) -> None:
    """Ask the running service for its document, and publish that."""
    document = f"{service}-{version}.openapi.json"
    place.run(f"{_chosen(service, version)}python shop/fetch_openapi.py {service} {document}")
    place.run(f"signet publish --name {service} --version {version} --branch main --path {document}")


def _test_provider(place: Stage, service: str, version: str) -> None:
    """Test the running service against its own document, and record that it passed."""
    place.run(f"{_chosen(service, version)}python shop/spec_test.py {service}")
    place.run(
        f"signet record-verification --name {service} --version {version} --branch main --passed --tool spec_test"
    )


def _deploy(service: str, version: str) -> str:
    return f"signet update-deployment --name {service} --version {version} --environment production --guard"


def _chosen(service: str, version: str) -> str:
    """The variable that says which version of the catalog runs; the inventory has only one."""
    return f"CATALOG_VERSION={version} " if service == "catalog" else ""


def _chapter(number: int, title: str) -> None:
    _say()
    _say(f"{number}. {title}", colour="bold")


def _say(text: str = "", colour: str | None = None) -> None:
    render.say(text, colour)
