"""The pages as a browser without a script gets them: fetched, parsed strictly, and followed link by link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import httpx

from tests.service.asking import Service, loop

SITE = "http://signet"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}
ADDRESSES = ("href", "src", "action", "formaction", "{http://www.w3.org/1999/xlink}href")
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True)
class Seen:
    """A page that was fetched, and its tree; a document that is not well-formed does not get this far."""

    url: str
    answer: httpx.Response
    tree: Element

    @property
    def text(self) -> str:
        """All words of the page, as a reader without a script sees them."""
        return " ".join(" ".join(self.tree.itertext()).split())

    @property
    def title(self) -> str:
        return "".join(next(self.tree.iter("title")).itertext())

    def elements(self) -> Iterator[Element]:
        return self.tree.iter()

    def links(self) -> Iterator[str]:
        """Every address that the page names, as it is written."""
        for element in self.elements():
            for name in ADDRESSES:
                if (value := element.get(name)) is not None:
                    yield value

    def own_links(self) -> Iterator[str]:
        """Those of this site, whole, without fragments."""
        for value in self.links():
            url = urldefrag(urljoin(self.url, value)).url
            if url.startswith(f"{SITE}/"):
                yield url


def got(service: Service, path: str, **headers: str) -> httpx.Response:
    """The answer to a browser; redirections are not followed."""
    url = path if path.startswith("http") else f"{SITE}{path}"
    answer: httpx.Response = loop().run_until_complete(service.client.get(url, headers=BROWSER | headers))
    return answer


def seen(service: Service, path: str, status: int = 200, **headers: str) -> Seen:
    """A page with the status that it should have, parsed strictly."""
    answer = got(service, path, **headers)
    assert answer.status_code == status, (path, answer.status_code, answer.text[:400])
    return Seen(str(answer.url), answer, parsed(answer.text))


def parsed(text: str) -> Element:
    """The tree of a document; html5lib's ParseError for anything that the standard calls an error."""
    parser: Any = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False)
    tree: Element = parser.parse(text)
    return tree


def crawl(service: Service, start: str = "/", *, most: int = 2_000) -> Iterator[Seen]:
    """Every page that can be reached at the newest commit; whatever else a page leads to must answer, too."""
    todo, known = [f"{SITE}{start}"], set[str]()
    while todo:
        url = todo.pop(0)
        if url in known or urlsplit(url).path in ("/at", "/theme", "/live"):
            continue
        known.add(url)
        assert len(known) < most, "the site has no end"
        answer = got(service, url)
        assert answer.status_code == 200, (url, answer.status_code, answer.text[:400])
        if answer.headers["content-type"].startswith("text/html"):
            page = Seen(url, answer, parsed(answer.text))
            todo += [link for link in page.own_links() if "at=" not in urlsplit(link).query]
            yield page
