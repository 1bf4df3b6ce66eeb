"""What a page is, before it is called an article: by structure and by wording in English, German, Russian and Ukrainian.

A page that proves to be an article (its own metadata and a text) is never anything else: a wrong article costs a look, a lost
one is silence that reads like a denial. Wording alone decides only where hardly any text stands beside it.
"""

from __future__ import annotations

import re

from crawlers import page_words as words
from crawlers.page_facts import PageFacts
from storage.records import PageClass

SHORT = 250
"""Characters of text below which a page has said nothing."""

THIN = 1_500
"""Characters of text up to which wording may decide: walls and error pages are shorter, and most articles longer."""

LONGEST_WALL = 8_000
"""Characters beyond which nothing is a wall; the longest consent texts have some 5,000."""

PARAGRAPH = 60
"""Characters from which a line counts as a paragraph, and not as a button, a label or a teaser."""

FEW_WORDS = 250
"""Words that a reader sees on a whole page below which it may be a wall that says so only in its text."""

FEWEST_WORDS = 100
"""Words of a whole page below which the markup of a bot wall is proof enough."""

ERROR_NAME = 45
"""Characters up to which a heading can be the name of an error and nothing else, the site's name included."""

_WALL_WORDS = (words.CHALLENGE, words.CONSENT, words.LOGIN, words.MISSING_TITLE, words.NEEDS_SCRIPT)
_LISTING_TYPES = frozenset({"collectionpage", "searchresultspage", "profilepage"})


def classify_page(facts: PageFacts) -> PageClass:
    """The class of the page. Pure; the order of the questions is the order of their proof."""
    claims = _claims_to_be_article(facts)
    if _is_missing(facts, claims):
        return PageClass.SOFT_404
    wall = _wall(facts, claims)
    if wall is not None and not _has_prose(facts.text):
        return wall
    if _is_video(facts):
        return PageClass.VIDEO
    if not claims and _is_consent(facts) and not _has_prose(facts.text):
        return PageClass.CONSENT_WALL
    if _is_listing(facts, claims):
        return PageClass.LISTING
    if _is_script_shell(facts):
        return PageClass.SCRIPT_SHELL
    if not re.search(r"\w", facts.text):
        return PageClass.EMPTY
    if _is_live_blog(facts):
        return PageClass.LIVE_BLOG
    if _is_paywall_stub(facts):
        return PageClass.PAYWALL_STUB
    return PageClass.ARTICLE


def _claims_to_be_article(facts: PageFacts) -> bool:
    """By its own metadata. Walls carry none, or that of the site; listings say what they are."""
    if facts.types & _LISTING_TYPES and not facts.has_article_node:
        return False
    return facts.has_article_node or (facts.page_type.startswith(("article", "video")) and facts.has_date)


def _has_prose(text: str) -> bool:
    """Whether most of the text is paragraphs that speak of something else than a wall does. Then it is not one."""
    if len(text) > LONGEST_WALL:
        return True
    paragraphs = [line for line in text.split("\n") if len(line) >= PARAGRAPH]
    clean = sum(len(line) for line in paragraphs if not any(pattern.search(line) for pattern in _WALL_WORDS))
    return clean >= SHORT and clean > 0.6 * sum(map(len, paragraphs))


def _wall(facts: PageFacts, claims: bool) -> PageClass | None:
    """The class of a page that stands before what was asked for; None when nothing says so."""
    if len(facts.text) >= THIN or facts.seen_length - facts.linked_length >= 2 * THIN:
        return None
    marked = _is_marked(facts.markup_signs)
    # Long pages speak of many things, some of them walls.
    worded = (marked or len(facts.seen.split()) < FEW_WORDS) and bool(words.CHALLENGE.search(f"{facts.seen} {facts.noscript}"))
    # A page with an article's own metadata has to say it in so many words, and to have hardly any text besides.
    if marked and (worded or len(facts.seen) < SHORT) and not (claims and len(facts.text) >= SHORT):
        return PageClass.CHALLENGE
    # A wall need not say in words we know what it wants. A form to sign in may be guarded by a puzzle too.
    if marked and not claims and not facts.has_date and not facts.password_field and len(facts.seen.split()) < FEWEST_WORDS:
        return PageClass.CHALLENGE
    if not facts.has_date and ((worded and len(facts.seen.split()) < FEW_WORDS) or words.CHALLENGE.search(_names(facts))):
        return PageClass.CHALLENGE
    if not claims and _is_login(facts):
        return PageClass.LOGIN_WALL
    return None


def _is_marked(signs: str) -> bool:
    lowered = signs.lower()
    return any(stem in lowered for stem in words.CHALLENGE_STEMS) and bool(words.CHALLENGE_MARKUP.search(signs))


def _names(facts: PageFacts) -> str:
    return "\n".join((facts.document_title, *facts.headings))


def _is_login(facts: PageFacts) -> bool:
    worded = bool(words.LOGIN.search(facts.seen))
    titled = any(words.LOGIN_TITLE.match(name) for name in (*facts.headings, facts.document_title))
    if facts.password_field:
        return worded or titled or len(facts.text) < SHORT
    return worded and (titled or len(facts.seen.split()) < 120)


def _is_missing(facts: PageFacts, claims: bool) -> bool:
    """An error page that is served as if it were one of the site's pages."""
    if claims or facts.has_date or len(facts.text) >= THIN:
        return False
    named = [title for title in (facts.document_title, facts.title, *facts.headings) if words.MISSING_TITLE.search(title)]
    if named:
        # "The article on the war is deleted from the encyclopedia" is a headline; an error's name is short.
        return min(map(len, named)) <= ERROR_NAME or not _has_prose(facts.text)
    # Some say it only in the text; then it is nearly the whole of it.
    return len(facts.seen) < 600 and len(facts.text) < 400 and bool(words.MISSING_TITLE.search(facts.seen[:300]))


def _is_consent(facts: PageFacts) -> bool:
    """The text itself speaks of consent, line for line. A banner beside an article does not count: the extractor leaves it out."""
    if facts.has_date:
        return False
    signed = bool(words.CONSENT_TITLE.search(_names(facts))) or bool(words.CONSENT_MARKUP.search(facts.markup_signs))
    judged = facts.text if len(facts.text) >= SHORT or not signed else facts.seen
    if len(judged) > LONGEST_WALL:
        return False
    least, kinds = (0.02, 2) if signed else (0.05, 4)
    # Such a text comes to the point at once, and few others do: most are done with after their first lines.
    return _speaks_of_consent(judged[:THIN], least, 1) and _speaks_of_consent(judged, least, kinds)


def _speaks_of_consent(text: str, least: float, kinds: int) -> bool:
    """Whether more than the share ``least`` of the words, 0..1, are those of consent, and at least ``kinds`` different ones."""
    found = [match[0].casefold() for match in words.CONSENT.finditer(text)]
    return len(found) > least * len(text.split()) and len(set(found)) >= kinds


def _is_video(facts: PageFacts) -> bool:
    """A page whose matter is a film. An article with a film in it has a text of its own."""
    thin = len(facts.text) < THIN
    if facts.page_type.startswith("video") and len(facts.text) < 2 * THIN:
        return True
    if facts.expected_video and thin:
        return True
    if facts.has_video_node and not facts.has_article_node:
        return thin or not facts.has_date
    return len(facts.text) < 2 * SHORT and (facts.has_video_node or facts.has_article_node or facts.has_date) and facts.player


def _is_listing(facts: PageFacts, claims: bool) -> bool:
    if claims:
        return False
    if facts.types & _LISTING_TYPES:
        return True
    signs = 0
    signs += bool(words.LISTING_PATH.search(facts.url))
    signs += facts.teasers >= 6 or facts.times >= 8
    signs += facts.page_type in ("website", "profile", "object")
    signs += "itemlist" in facts.types
    # A long coherent text speaks against it: teasers are short lines.
    long_lines = sum(len(line) > 200 for line in facts.text.split("\n"))
    is_coherent = long_lines >= 5 or facts.has_date
    signs -= 2 * is_coherent
    # Two more signs are in the links; reading them all takes as long as everything above, and mostly changes nothing.
    if signs + 2 < 3:
        return False
    signs += facts.headline_links >= 12 and facts.linked_length > 0.5 * facts.seen_length
    signs += not is_coherent and long_lines <= 1 and facts.headline_links >= 8
    return signs >= 3


def _is_script_shell(facts: PageFacts) -> bool:
    if len(facts.text) >= SHORT or facts.seen_length > 4 * SHORT:
        return False
    if words.NEEDS_SCRIPT.search(facts.noscript) or words.NEEDS_SCRIPT.search(facts.seen):
        return True
    return (facts.app_root or facts.refresh) and facts.script_length > 500 and facts.seen_length < SHORT


def _is_live_blog(facts: PageFacts) -> bool:
    if "liveblogposting" in facts.types:
        return True
    return facts.times >= 8 and bool(words.LIVE_TITLE.search(f"{facts.title}\n{' '.join(facts.headings)}"))


def _is_paywall_stub(facts: PageFacts) -> bool:
    """Less than the whole text was served, by the page's own word or because an offer stands where the text should go on."""
    count = len(facts.text.split())
    if facts.word_count is not None and facts.word_count > 150 and count < 0.5 * facts.word_count and facts.is_free is False:
        return True
    if facts.word_count is not None and count >= 0.8 * facts.word_count:
        return False
    if facts.is_free is False:
        return len(facts.text) < THIN / 2 or (len(facts.text) < 2 * THIN and _has_offer(facts))
    return facts.is_free is None and len(facts.text) < 2 * SHORT + 300 and _has_offer(facts)


def _has_offer(facts: PageFacts) -> bool:
    return bool(words.OFFER.search(facts.text[-600:])) or (len(facts.text) < THIN and bool(words.OFFER.search(facts.seen)))
