"""The story that the demo tells, line by line, with the exit code that each command must have.

The shop has five services, and each asks only the next: Accounting asks Cart; Cart asks Catalog and Inventory; both ask
Item. It runs nothing itself; that is ``signet.cli.demo.stage``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from signet.cli import render
from signet.cli.demo.stage import Stage, can_write_contracts
from signet.registry.serve import served

NO, UNKNOWN = 1, 4
CLONE = "clone"
FIRST = "1.0.0"
PROVIDERS = {
    "item": (),
    "inventory": ("item",),
    "catalog": ("item",),
    "cart": ("catalog", "inventory"),
    "accounting": ("cart",),
}
"""Each service with those that it asks, in an order in which they can go live."""


def tell(place: Stage, keep: Path | None) -> None:
    """Tell the whole story; a command that ends otherwise than it should raises SignetError."""
    _say("A shop has five services. Accounting asks the cart; the cart asks the catalog (prices) and the inventory")
    _say("(stock); and both of them ask for items. Everything below really runs, in a temporary folder that is removed")
    _say("at the end.")
    _chapter(1, "The registry is a Git repository, here behind HTTP on this machine")
    place.run("signet init registry.git --bare --registry-name shop")
    with served(place.folder / "registry.git") as url:
        place.run(f"export SIGNET_REGISTRY={url}")
        _everybody_publishes(place)
        _providers_keep_their_word(place)
        _first_deployments(place)
        _breaking_change(place)
        _fix(place)
        _look_inside(place)
    _close(place, keep)


def _everybody_publishes(place: Stage) -> None:
    _chapter(2, "Each service publishes what it expects of others (Pact files that its own tests write), and what it")
    _say("   promises itself (the OpenAPI document of the running service), in one commit")
    write_contracts(place)
    for service in PROVIDERS:
        _publish(place, service, FIRST)


def write_contracts(place: Stage) -> None:
    """Put the Pact files on the stage: written by the consumers' tests now, or without pact-python kept from before."""
    contracts = [f"{consumer}-{provider}.json" for consumer, asked in PROVIDERS.items() for provider in asked]
    if can_write_contracts():
        modules = " ".join(f"{consumer}.test_contracts" for consumer, asked in PROVIDERS.items() if asked)
        place.run(f"PYTHONPATH=shop PACT_DIR=pacts python -m unittest --quiet {modules}")
    else:
        _say()
        _say("pact-python is not installed here (extra 'pact'), so these are the Pact files that it wrote before.")
        (place.folder / "pacts").mkdir()
        for name in contracts:
            shutil.copy(place.folder / "shop" / "documents" / name, place.folder / "pacts" / name)


def _providers_keep_their_word(place: Stage) -> None:
    _chapter(3, "A promise is worth something once a running service has kept it. Any tool may do that test")
    _say("   (nobody asks Accounting, so nobody waits for its test)")
    for service in PROVIDERS:
        if any(service in asked for asked in PROVIDERS.values()):
            _test(place, service, FIRST)


def _first_deployments(place: Stage) -> None:
    _chapter(4, "Everything goes to production, each step guarded and recorded at once")
    _say()
    _say("The cart first? Deploy Guard knows that the providers are not there yet:")
    place.run(f"signet deploy-guard --name cart --version {FIRST} --environment production", expected=NO)
    for service in PROVIDERS:
        place.run(_deploy(service, FIRST))


def _breaking_change(place: Stage) -> None:
    _chapter(5, "The catalog renames 'price' to 'unit_price'. Its own tests are green")
    _publish(place, "catalog", "2.0.0")
    _test(place, "catalog", "2.0.0")
    _say()
    _say("May it go to production? No, and Deploy Guard says whom it would break, where, and what to do:")
    place.run("signet deploy-guard --name catalog --version 2.0.0 --environment production --explain", expected=NO)
    place.run("signet compare --contract cart@1.0.0 --spec catalog@2.0.0", expected=NO)
    _say()
    _say("Whoever tries all the same gets the same answer, and nothing is recorded:")
    place.run(_deploy("catalog", "2.0.0"), expected=NO)


def _fix(place: Stage) -> None:
    _chapter(6, "The fix: catalog 2.1.0 has both names, until no consumer reads the old one")
    _publish(place, "catalog", "2.1.0")
    _say()
    _say("It fits on paper, but nobody has tested it. Not tested is not the same as safe: the answer is unknown.")
    place.run("signet deploy-guard --name catalog --version 2.1.0 --environment production", expected=UNKNOWN)
    place.run("signet owed --name catalog --version 2.1.0")
    _test(place, "catalog", "2.1.0")
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


def _publish(place: Stage, service: str, version: str) -> None:
    """Ask the running service for its document, and publish that with the service's contracts."""
    document = f"{service}-{version}.openapi.json"
    contracts = "".join(f" --path pacts/{service}-{provider}.json" for provider in PROVIDERS[service])
    place.run(f"{_chosen(service, version)}python shop/fetch_openapi.py {service} {document}")
    place.run(f"signet publish --name {service} --version {version} --branch main --path {document}{contracts}")


def _test(place: Stage, service: str, version: str) -> None:
    """Test the running service against its own document, and record that it passed."""
    place.run(f"{_chosen(service, version)}python shop/spec_test.py {service}")
    place.run(
        f"signet record-verification --name {service} --version {version} --branch main --passed --tool spec_test"
    )


def _deploy(service: str, version: str) -> str:
    return f"signet update-deployment --name {service} --version {version} --environment production --guard"


def _chosen(service: str, version: str) -> str:
    """The variable that says which version of a service runs; nothing for its first one."""
    return f"{service.upper()}_VERSION={version} " if version != FIRST else ""


def _chapter(number: int, title: str) -> None:
    _say()
    _say(f"{number}. {title}", colour="bold")


def _say(text: str = "", colour: str | None = None) -> None:
    render.say(text, colour)
