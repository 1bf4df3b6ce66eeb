"""The ``<meta>`` elements of a page, by whatever attribute names them."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement


class MetaElements:
    """The page's ``<meta>`` elements by lower-case name, property or itemprop; several contents each, in order."""

    def __init__(self, tree: HtmlElement) -> None:
        self.values: dict[str, list[str]] = {}
        for element in tree.iter("meta"):
            content = (element.get("content") or "").strip()
            if not content:
                continue
            for attribute in ("name", "property", "itemprop", "http-equiv"):
                for name in (element.get(attribute) or "").lower().split():
                    self.values.setdefault(name, []).append(content)

    def first(self, *names: str) -> str:
        return next((self.values[name][0] for name in names if name in self.values), "")

    def all(self, *names: str) -> Iterator[str]:
        for name in names:
            yield from self.values.get(name, ())
