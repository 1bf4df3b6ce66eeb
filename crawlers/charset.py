"""Bytes of a page to text: what the page says about its encoding is a hint, what the bytes can be is the proof."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_SNIFFED = 4096
"""Bytes in which a declaration is looked for; the standard asks for 1024, real pages put scripts before it."""

_REPLACED_SHARE = 0.01
"""Share of U+FFFD above which a decoding counts as wrong."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_WIDER = {
    # WHATWG Encoding, "names and labels": what is declared as the left is in practice a superset of it.
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip

_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_MARKUP = re.compile(rb"<(script|style)\b.*?</\1\s*>|<[^>]*>|&[#\w]+;", re.IGNORECASE | re.DOTALL)

_CYRILLIC = ("cp1251", "koi8-u", "iso8859-5", "cp866", "mac-cyrillic")
_COMMON = frozenset("оеаинтсрвлкмдпуіяьзбгчй")
"""Letters of which nearly all running Russian and Ukrainian text consists; a wrong code page gives other letters or capitals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    text: str
    charset: str
    """Python's name of the encoding used."""
    replaced: float
    """Share of the characters that are U+FFFD, 0..1; above 0.01 the text is damaged and no encoding was found that fits."""


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Text of ``body``: byte order mark, then UTF-8 if it is, then header, ``<meta>`` and detection, whichever fits.

    Valid UTF-8 beyond ASCII is UTF-8 whatever the header says: other encodings do not form it by chance.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _decoded(body[len(mark) :].decode(name, "replace"), name)
    declared = _declared(body, content_type)
    if not any(name.startswith(("iso2022", "utf-16", "utf-32")) for name in declared):
        try:
            return _decoded(body.decode("utf-8"), "utf-8")
        except UnicodeDecodeError:
            pass
    sample = _sample(body)
    for name in declared:
        text = body.decode(name, "replace")
        if _is_damaged(text, sample.decode(name, "replace")):
            continue
        better = _better_cyrillic(sample, name)
        if better is not None:
            return _decoded(body.decode(better, "replace"), better)
        return _decoded(text, name)
    return _detect(body, sample)


def _declared(body: bytes, content_type: str) -> list[str]:
    """Python names of the encodings that header, meta and XML declaration name, in that order, without doubles."""
    labels = []
    if match := _HEADER.search(content_type):
        labels.append(match[1])
    head = body[:_SNIFFED]
    for pattern in (_META, _XML):
        if found := pattern.search(head):
            name = found[1].decode("ascii")
            # A declaration that could be read as ASCII is not in UTF-16 (HTML standard, "prescan a byte stream").
            labels.append("utf-8" if name.lower().startswith("utf-16") else name)
    names = []
    for label in labels:
        try:
            name = codecs.lookup(label.strip().lower().removeprefix("x-")).name
        except (LookupError, ValueError):
            continue
        name = _WIDER.get(name, name)
        try:
            # Python also knows codecs that are not character encodings ("hex", "rot13").
            b"a".decode(name)
        except (LookupError, UnicodeDecodeError, ValueError):
            if not name.startswith(("utf-16", "utf-32")):
                continue
        if name not in names:
            names.append(name)
    return names


def _sample(body: bytes) -> bytes:
    """At most 20,000 bytes of what a reader sees; the whole start of the body where stripping leaves nothing."""
    seen = _MARKUP.sub(b" ", body[:1_000_000])
    high = [part for part in seen.split(b"\n") if not part.isascii()]
    return b"\n".join(high)[:20_000] or seen[:20_000]


def _is_damaged(text: str, sample: str) -> bool:
    replaced = text.count("\ufffd")
    if not replaced:
        return False
    if replaced > _REPLACED_SHARE * len(text):
        return True
    # On a page that is mostly markup, a wholly unreadable text is still a small share of all characters.
    beyond = sum(1 for ch in sample if ch > "\x7f")
    return sample.count("\ufffd") > 0.2 * max(beyond, 1)


def _cyrillic_score(sample: bytes, name: str) -> float:
    """How much ``sample`` reads like Russian or Ukrainian in this encoding: share of common small letters, 0..1."""
    letters = [ch for ch in sample.decode(name, "replace") if ch > "\x7f" and not ch.isspace()]
    if not letters:
        return 0.0
    return sum(ch in _COMMON for ch in letters) / len(letters)


def _words_beyond_ascii(sample: bytes) -> bool:
    """Whether bytes over 0x7F stand in runs, as in scripts other than Latin, where they are single letters within words."""
    runs = re.findall(rb"[\x80-\xff]+", sample)
    return bool(runs) and sum(len(run) for run in runs if len(run) >= 3) > 0.6 * sum(map(len, runs))


def _best_cyrillic(sample: bytes) -> tuple[str, float]:
    scores = [(_cyrillic_score(sample, name), -index, name) for index, name in enumerate(_CYRILLIC)]
    score, _, name = max(scores)
    return name, score


def _better_cyrillic(sample: bytes, name: str) -> str | None:
    """The Cyrillic encoding that fits clearly better than the declared single-byte one, or None."""
    if name.startswith(("utf", "gb", "big5", "cp9", "euc", "shift", "iso2022")) or not _words_beyond_ascii(sample):
        return None
    best, score = _best_cyrillic(sample)
    if best == name or score < 0.6:
        return None
    return best if score > _cyrillic_score(sample, name) + 0.2 else None


def _detect(body: bytes, sample: bytes) -> Decoded:
    text = body.decode("utf-8", "replace")
    if not _is_damaged(text, sample.decode("utf-8", "replace")):
        # UTF-8 with a broken character or two, as when a body was cut: nothing else looks like that.
        return _decoded(text, "utf-8")
    if _words_beyond_ascii(sample):
        best, score = _best_cyrillic(sample)
        if score >= 0.6:
            return _decoded(body.decode(best, "replace"), best)
    elif not sample.isascii():
        # Single letters beyond ASCII within Latin words: the Western code page, unless it has no such character.
        text = body.decode("cp1252", "replace")
        if "\ufffd" not in text:
            return _decoded(text, "cp1252")
    # The last resort of few pages; whoever only starts a crawl need not wait for it.
    from charset_normalizer import from_bytes

    guess = from_bytes(sample).best()
    if guess is not None and guess.encoding:
        text = body.decode(guess.encoding, "replace")
        if not _is_damaged(text, sample.decode(guess.encoding, "replace")):
            return _decoded(text, guess.encoding)
    return _decoded(body.decode("utf-8", "replace"), "utf-8")


def _decoded(text: str, charset: str) -> Decoded:
    return Decoded(text=text, charset=charset, replaced=text.count("\ufffd") / max(len(text), 1))
