"""Bylines and headlines: what is cut off, what is split, and what stays whole."""

from __future__ import annotations

import pytest

from crawlers.authors import clean_authors
from crawlers.titles import TitleCandidates, choose_title, without_site

AUTHORS = [
    # As found, as kept.
    (["Jane Roe"], ("Jane Roe",)),
    (["By Jane Roe"], ("Jane Roe",)),
    (["by JANE ROE"], ("JANE ROE",)),
    (["Von Erika Muster"], ("Erika Muster",)),
    (["Автор: Иван Петров"], ("Иван Петров",)),
    (["Текст: Олена Коваль"], ("Олена Коваль",)),
    (["Jane Roe", "jane roe", "JANE  ROE"], ("Jane Roe",)),
    (["Jane Roe and Max Doe"], ("Jane Roe", "Max Doe")),
    (["Erika Muster und Max von Beispiel, dpa"], ("Erika Muster", "Max von Beispiel", "dpa")),
    (["Иван Петров и Мария Сидорова"], ("Иван Петров", "Мария Сидорова")),
    (["Олена Коваль, Іван Бондар та Петро Швець"], ("Олена Коваль", "Іван Бондар", "Петро Швець")),
    (["Jane Roe; Max Doe | Ann Poe"], ("Jane Roe", "Max Doe", "Ann Poe")),
    (["Jane Roe & Max Doe"], ("Jane Roe", "Max Doe")),
    # Names that hold an "and" or a comma.
    (["Ministry of Trade and Industry"], ("Ministry of Trade and Industry",)),
    (["Roe, Jane"], ("Jane Roe",)),
    (["Jane Roe, PhD"], ("Jane Roe",)),
    (["Jane Roe, Political Editor"], ("Jane Roe",)),
    (["Martin Luther King, Jr."], ("Martin Luther King",)),
    # What is not a name.
    (["https://radio.example/authors/jane"], ()),
    (["jane@radio.example"], ()),
    (["@janeroe"], ()),
    (["Jane Roe @janeroe jane@radio.example"], ("Jane Roe",)),
    (["admin", "null", "undefined", "Редактор"], ("Редактор",)),
    (["View all posts by Jane"], ()),
    (["", "  ", "—", "12345"], ()),
    (["x" * 500], ()),
    (["<a href='/jane'>Jane Roe</a>"], ("Jane Roe",)),
    (["Jane Roe (Kyiv)"], ("Jane Roe",)),
    (["Anne-Marie O'Neill"], ("Anne-Marie O'Neill",)),
    (["Reuters"], ("Reuters",)),
    (["Jane", "Jane Roe"], ("Jane Roe",)),
    (["Byron Smith"], ("Byron Smith",)),
    (["Vonda Example"], ("Vonda Example",)),
]


@pytest.mark.parametrize(("raw", "kept"), AUTHORS)
def test_authors(raw: list[str], kept: tuple[str, ...]) -> None:
    assert clean_authors(raw) == kept


SITE = ("Harbour Radio", "radio.example")

TITLES = [
    # What the page offers, and the headline.
    (TitleCandidates(structured="Bridge voted", open_graph="Bridge voted | Harbour Radio"), "Bridge voted"),
    (TitleCandidates(open_graph="Bridge voted | Harbour Radio"), "Bridge voted"),
    (TitleCandidates(open_graph="Bridge voted — Harbour Radio"), "Bridge voted"),
    (TitleCandidates(document="Bridge voted - Local - Harbour Radio"), "Bridge voted - Local"),
    (TitleCandidates(document="Bridge voted - Local", headings=["Bridge voted"]), "Bridge voted"),
    # A dash of the headline's own stays.
    (TitleCandidates(open_graph="Bridge voted – town divided"), "Bridge voted – town divided"),
    (TitleCandidates(document="Non-stop: the long debate"), "Non-stop: the long debate"),
    # The first heading is the site's logo.
    (TitleCandidates(headings=["Harbour Radio", "Bridge voted"]), "Bridge voted"),
    (
        TitleCandidates(headings=["Latest", "Bridge voted in long night"], document="Bridge voted in long night | Harbour Radio"),
        "Bridge voted in long night",
    ),
    # Readers see and hand on one headline, search engines another.
    (
        TitleCandidates(
            structured="Bridge 2022: all facts", open_graph="Bridge voted", headings=["Bridge voted"], document="Bridge 2022: all facts"
        ),
        "Bridge voted",
    ),
    # Only the feed had one.
    (TitleCandidates(announced="Bridge voted"), "Bridge voted"),
    # The site's name is all there is.
    (TitleCandidates(document="Harbour Radio"), "Harbour Radio"),
    (TitleCandidates(), ""),
]


@pytest.mark.parametrize(("candidates", "title"), TITLES)
def test_titles(candidates: TitleCandidates, title: str) -> None:
    assert choose_title(candidates, SITE) == title


def test_a_title_is_never_cut_to_nothing() -> None:
    assert without_site("harbour radio | harbour radio", ["harbour radio"]) == "harbour radio"
