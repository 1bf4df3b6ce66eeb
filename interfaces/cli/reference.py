"""``docs/cli.md``, made from the commands themselves; a test checks that the committed file is the one made here."""

from __future__ import annotations

import sys
from inspect import cleandoc
from pathlib import Path

import click

from interfaces.cli.main import COMMANDS, cli

INTRODUCTION = """# The command line

Made by `make docs` from the commands; do not edit.

Data goes to stdout, progress and logs to stderr. Every command names the database it uses on stderr.
Text from outside is printed inert: control characters and direction marks appear as escapes.
`--json` prints one JSON document, or JSON Lines where a command streams. Times are UTC in ISO 8601.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | done, but something needs attention; the output names it |
| 2 | wrong usage or configuration; every fault is named with file and key |
| 3 | another daemon, or the holder of every wanted host, is running; host and process are named |
| 4 | the database is unusable; one line says what is wrong and what mends it |
| 130 | interrupted |
"""

JSON_KEYS = {
    "demo": "`articles, aliases, copies, revisions, outlets` (integers), `matrix` (as `compare`), `dossier`, `database` (paths), "
    "`differences`",
    "crawl": "`run_id, state, outlets, discovered, claimed, new, revised, unchanged, aliases, copies, outcomes{}, released, unexplained, "
    "failed_outlets, seconds`; `claimed` is the sum of `outcomes` plus `released`",
    "fetch": "one line a page: `url, outcome, detail, article, title, published_at, language`",
    "extract": "one line a file: `file, error, title, text, authors, published_at, published_precision, published_source, modified_at, "
    "language, kind, page_class, partial, description, canonical_url, extractor, extractor_version, cpu_ms`",
    "outlets list": "a list of `id, name, language, owner, family, country, homepage, enabled, reason, state_media, endpoints[{url, kind, "
    "status, enabled, title}]`",
    "outlets show": "one of these",
    "search": "one line a hit: `article, outlet, language, title, published_at, url, score, snippet`; in `snippet` matches stand between "
    "⟦ and ⟧",
    "show": "the article with its current revision, and `copies[{article, kind, jaccard, share, spans[{start, end, other_start, other_end, "
    "words}]}]`, `kind` being exact, near, contained or passage, and spans half-open code points of both texts; `entries[{start, at}]` of "
    "a live blog, offsets in `text`; `citations[{url, outlet, article}]`, the pages it links to at outlets with cards",
    "history": "a list of `number, captured_at, modified, title, text, text_sha256, capture_sha256`, with `--facts` also "
    "`facts[]` as `diff`",
    "diff": "`article, from, to`; `changes[{part, old, new, removed, added, moved}]`, the changed runs of words, `old` and `new` with "
    "three words around them; `facts[{field, old, new}]`, `field` being number, date, place, name or quotation, and one side empty "
    "where it was added or taken out; `sentences[{kind, old, new, old_paragraph, new_paragraph, pieces[{kind, text}]}]`, all that are "
    "not as before, `kind` being changed, moved, added or removed (a piece's: kept, added or removed) and paragraph 0 the headline",
    "clusters list": "a list of `cluster_id, first, first_publisher, title, articles[], members[{article, outlet, published, "
    "first_seen_at, modified}]`; `first` has the earliest time of all, `first_publisher` is null where the publishers' times cannot "
    "tell who was first",
    "clusters show": "one of these",
    "report add": "`report, title, language, translated_from, url, outlet, published_at, chain, claims[{id, text, kind, …}]`",
    "report list": "a list of these",
    "report show": "one of these; with `--history` also `history[{change, claim_id, version, others, changed_by, changed_at}]` and "
    "`versions[{claim, current, added_at}]`",
    "report background": "`report, background`: 0 for the bundled one, else the number of the sample of your own",
    "report edit": "as `report show`, and `changes[]`, which are entries of the history",
    "report score": "`report, judged, lapsed, then{level: {confirmed, rejected, unclear, share, low, high}}, now{}, by_language{}, "
    "origins_agreed, origins_missed, summary`",
    "compare": "`claims[{id, text, kind, cells[{origin, level, articles[{outlet, language, url, passage, facts}]}]}]` and more, see "
    "[how comparison works](how-comparison-works.md)",
    "explain": "`report, article, is_match, summary, related, relevance, relevance_words, thresholds, origin, independence, "
    "origin_words, rests_on[], claims[{id, kind, text, level, words, passage, start, end, score, verdict, facts[], near_miss, judgement}]`",
    "judge": "`claim, article, ruling, same_as, note, by, at, standing, counts, quote, machine{level, verdict, origin, independence, "
    "near_miss}`",
    "status": "`counts{}, runs[], issues[], coverage[], feeds[{outlet, url, outcome, read_at, due_at}]`; with `--waiting`: `waiting[{url, "
    "outlet, title, reason, promise, page, part, section, section_read, section_near}]`, `promise` being `page` (its words, its date, what "
    "cites it, what was learned from others) and `part` (what its part of the outlet gave so far)",
    "health": "`healthy, issues[{key, kind, message, outlet_id, first_seen_at, last_seen_at, count, data{}}]`, `data` being the evidence",
    "db stats": "`counts{}, outcomes{}`",
    "db verify": "`sound, faults[]`",
}


def render() -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION, "## Global options\n", _options(cli)]
    with click.Context(cli, info_name="secondsource") as top:
        for name in COMMANDS:
            command = cli.get_command(top, name)
            assert command is not None
            parts.extend(_describe(name, command, top))
    return "\n".join(parts).rstrip() + "\n"


def _describe(path: str, command: click.Command, parent: click.Context) -> list[str]:
    with click.Context(command, info_name=path.rsplit(maxsplit=1)[-1], parent=parent) as ctx:
        if isinstance(command, click.Group):
            parts = [f"## {path}\n", cleandoc(command.help or "") + "\n"]
            for name in command.list_commands(ctx):
                child = command.get_command(ctx, name)
                assert child is not None
                parts.extend(_describe(f"{path} {name}", child, ctx))
            return parts
        usage = " ".join(command.collect_usage_pieces(ctx))
        level = "##" if " " not in path else "###"
        parts = [f"{level} {path}\n", f"`secondsource {path} {usage}`\n", cleandoc(command.help or "") + "\n", _options(command)]
        if path in JSON_KEYS:
            parts.append(f"JSON: {JSON_KEYS[path]}.\n")
        return parts


def _options(command: click.Command) -> str:
    rows = []
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            names = ", ".join(f"`{name}`" for name in parameter.opts)
            metavar = "" if parameter.is_flag else f" `{parameter.make_metavar(click.Context(command))}`"
            rows.append(f"| {names}{metavar.replace('|', chr(92) + '|')} | {parameter.help} |")
    return "| option | meaning |\n|---|---|\n" + "\n".join(rows) + "\n" if rows else ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
