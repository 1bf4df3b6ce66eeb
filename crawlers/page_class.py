"""What a page is, before it is called an article: by structure and by wording in English, German, Russian and Ukrainian.

A page that proves to be an article (its own metadata and a text) is never anything else: a wrong article costs a look, a lost
one is silence that reads like a denial. Wording alone decides only where hardly any text stands beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from storage.records import PageClass

SHORT = 250
"""Characters of text below which a page has said nothing."""

THIN = 1_500
"""Characters of text up to which wording may decide: walls and error pages are shorter, and most articles longer."""

_CHALLENGE_MARKUP = re.compile(
    r"cf[-_]chl[-_]|cf-challenge|cf-browser-verification|__cf_chl|/cdn-cgi/challenge-platform/h/|_Incapsula_Resource|"
    r"captcha-delivery\.com|px-captcha|perimeterx|distil_r_captcha|ddos-guard/|check\.ddos-guard|/__qrator/|stormwall|"
    r"awswaf|aws-waf-token|sucuri_cloudproxy|/_fs-ch-|akamai-sec|sec-cpt|botmanager|"
    r"g-recaptcha|h-captcha|hcaptcha\.com|cf-turnstile|smartcaptcha|showcaptcha|jschallenge|js_challenge|slowAES",
    re.IGNORECASE,
)
_CHALLENGE_WORDS = re.compile(
    r"checking (?:if the site connection is secure|your browser)|just a moment\b|verif(?:y|ying) (?:that )?you are (?:a )?human|"
    r"are you (?:a )?(?:human|robot)|i(?:'|’)?m not a robot|unusual (?:traffic|activity) from your|attention required|"
    r"enable (?:javascript|js) and cookies to continue|(?:enable|turn on) js and disable any ad ?blocker|access (?:to this page )?(?:has been |is )?denied|"
    r"you have been blocked|security check|ddos[- ]protection|bot (?:protection|detection|verification)|reference #\d|ray id|"
    r"ihr browser wird (?:über|ge)prüft|überprüf\w+ (?:ihres browsers|ob sie ein mensch)|sicherheits(?:über)?prüfung|"
    r"bestätigen sie,? dass sie (?:kein roboter|ein mensch)|ich bin kein roboter|ungewöhnliche\w* (?:datenverkehr|aktivität)|zugriff verweigert|"
    r"проверка (?:вашего )?браузера|провер(?:ка|яем|ьте),? (?:что|не робот|безопасности|ваш браузер)|подтвердите,? что вы (?:не робот|человек)|"
    r"я не робот|вы не робот|доступ (?:к (?:сайту|странице|ресурсу) )?(?:ограничен|запрещ[её]н|заблокирован)|необычн\w+ (?:трафик|активность)|"
    r"похожи на автоматические|защит\w+ от (?:ddos|ботов)|"
    r"перевірка (?:вашого )?браузера|перевіряємо ваш браузер|підтвердьте,? що ви (?:не робот|людина)|доступ (?:до \w+ )?(?:обмежено|заборонено|заблоковано)|"
    r"незвичн\w+ (?:трафік|активність)|захист від (?:ddos|ботів)|я не робот",
    re.IGNORECASE,
)
_CONSENT_WORDS = re.compile(
    r"cookies?\b|consent|our (?:\d+ )?partners|partners process|legitimate interest|personali[sz]ed (?:ads|content|advertising)|privacy (?:policy|settings)|"
    r"store and/or access|vendors|accept all|reject all|"
    r"einwillig\w*|zustimm\w*|datenschutz\w*|unsere\w* (?:\d+ )?partner\w*|personalisierte\w* (?:werbung|anzeigen|inhalte)|tracking|werbefrei|pur[- ]abo|"
    r"alle akzeptieren|ablehnen|berechtigtes interesse|"
    r"файл\w* cookie|согласи\w*|обработк\w* (?:персональных )?данных|персональн\w+ (?:данны\w+|реклам\w+)|конфиденциальност\w*|наши\w* партн[её]р\w*|принять все|"
    r"файл\w* (?:cookie|куки)|згод[аиу]\w*|обробк\w* (?:персональних )?даних|персональн\w+ (?:дан\w+|реклам\w+)|конфіденційн\w*|наш\w* партнер\w*|прийняти все",
    re.IGNORECASE,
)
_CONSENT_TITLE = re.compile(
    r"before you continue|consent|cookie|privacy|datenschutz|einwilligung|zustimmung|mit werbung|weiterlesen mit|bevor sie|"
    r"прежде чем (?:продолжить|перейти)|согласие|конфиденциальност|перш ніж (?:продовжити|перейти)|згода|конфіденційн",
    re.IGNORECASE,
)
_CONSENT_MARKUP = re.compile(
    r"sp_message_(?:container|iframe)|consent\.(?:yahoo|google|youtube)\.|/privacy-?gate|consent-?(?:wall|gate|page)|cmp-?wall|purabo|contentpass",
    re.IGNORECASE,
)
_LOGIN_WORDS = re.compile(
    r"(?:log|sign) ?in (?:to (?:continue|read|view|access)|or (?:register|create))|please (?:log|sign) in|you must be logged in|create (?:a|your) free account to|"
    r"members only|(?:bitte )?melden sie sich an|(?:bitte )?(?:einloggen|anmelden),? um|jetzt anmelden|nur für (?:mitglieder|registrierte)|"
    r"войдите,? (?:чтобы|в (?:аккаунт|систему|личный кабинет)|или зарегистрируйтесь)|необходимо (?:авторизоваться|войти)|требуется авторизация|только для зарегистрированных|"
    r"увійдіть,? (?:щоб|в (?:акаунт|обліковий)|або зареєструйтесь)|необхідно (?:авторизуватися|увійти)|потрібна авторизація|лише для зареєстрованих",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(
    r"^(?:log ?in|sign ?in|login|register|anmelden|einloggen|anmeldung|вход|войти|авторизация|регистрация|вхід|увійти|авторизація|реєстрація)\b",
    re.IGNORECASE,
)
_MISSING_TITLE = re.compile(
    r"^\W*(?:error |fehler |ошибка |помилка )?40[34]\W*$|\b404\b.{0,30}(?:error|not found|fehler|не найден|не знайден|ошибка|помилка)|"
    r"(?:error|fehler|ошибка|помилка)\W{0,3}40[34]\b|^(?:page|article|story|content|document|file)? ?(?:was |is |could )?not (?:be )?found\b|"
    r"(?:page|article|story|content) (?:you (?:requested|are looking for|were looking for) )?(?:was |is |could |can)?\s?(?:not|no longer) (?:be )?(?:found|available|exist)|"
    r"(?:page|article) (?:does not|doesn(?:'|’)t|no longer) exist|oops|"
    r"(?:seite|artikel|inhalt|beitrag)\b.{0,30}(?:nicht (?:gefunden|verfügbar|vorhanden|mehr)|existiert nicht|gibt es nicht)|"
    r"(?:страниц\w+|стать\w+|материал\w*|документ)\b.{0,30}(?:не найден\w*|не существует|удал[её]н\w*|недоступ\w+)|"
    r"(?:сторінк\w+|статт\w+|матеріал\w*|документ)\b.{0,30}(?:не знайден\w*|не існує|видален\w*|недоступн\w+)|"
    r"(?:ничего|нічого) не (?:найдено|знайдено)",
    re.IGNORECASE,
)
_PAYWALL_WORDS = re.compile(
    r"subscri(?:be|ption|bers?)[^.\n]{0,60}(?:continue|read|unlock|access|full)|(?:continue|keep) reading (?:with|for|by)|to (?:continue|keep) reading|already a subscriber|"
    r"this (?:article|story|content) is (?:for|only for|exclusive|reserved)|unlock (?:this|the full)|start your (?:free )?trial|"
    r"(?:jetzt )?weiterlesen (?:mit|für|im)|mit (?:einem )?(?:\S+ )?abo(?:nnement)? (?:weiter)?lesen|nur für abonnent|bereits abonnent|exklusiv für abonnent|"
    r"dieser artikel ist (?:nur |exklusiv )?für|probe(?:monat|abo)|jetzt abonnieren|artikel freischalten|"
    r"(?:дочитать|читать дальше|продолжить чтение)[^.\n]{0,40}подписк|оформите подписку|доступн\w+ (?:только )?(?:по подписке|подписчикам)|только для подписчиков|"
    r"(?:читати далі|дочитати|продовжити читання)[^.\n]{0,40}передплат|оформіть (?:передплату|підписку)|доступн\w+ (?:лише |тільки )?(?:за передплатою|передплатникам)|"
    r"(?:тільки|лише) для (?:передплатників|підписників)",
    re.IGNORECASE,
)
_SCRIPT_WORDS = re.compile(
    r"(?:enable|turn on|activate|requires?|need) java ?script|java ?script (?:is )?(?:disabled|required|must be enabled|to run this app)|"
    r"java ?script (?:aktivieren|einschalten|ist deaktiviert|erforderlich)|(?:aktivieren|schalten) sie (?:bitte )?java ?script|"
    r"включите (?:поддержку )?java ?script|java ?script (?:отключ|выключ|необходим)\w*|увімкніть java ?script|java ?script (?:вимкн|необхідн)\w*",
    re.IGNORECASE,
)
_LISTING_PATH = re.compile(
    r"/(?:tags?|topics?|categor(?:y|ies)|authors?|archives?|search|rubric|section|label|thema|themen|schlagwort(?:e)?|autor(?:en)?|suche|archiv|"
    r"rubrika|kategoria|teg|temy?|avtor|poisk|news-archive)(?:/|$|\?)|[?&](?:page|q|s|search|query)=|/page/\d+/?$",
    re.IGNORECASE,
)
_LISTING_TYPES = frozenset({"collectionpage", "searchresultspage", "profilepage"})
_LIVE_TITLE = re.compile(
    r"\blive[- ]?(?:blog|ticker|updates?)\b|\bliveblog|\bnews-?ticker\b|\b(?:krieg|nahost|ukraine)s?-ticker\b|^live:|\blive updates\b|"
    r"онлайн-?трансляц|текстов\w+ (?:онлайн|трансляц)|хроника дня|\bонлайн\b|текстов\w+ трансляці|онлайн-?трансляці|наживо",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What is judged. All counts are of the whole page, before anything is pruned."""

    url: str = ""
    title: str = ""
    document_title: str = ""
    """The ``<title>``, with the site's name."""
    headings: tuple[str, ...] = ()
    """The ``<h1>``, lower case or not."""
    text: str = ""
    """What the extractor took for the article."""
    seen: str = ""
    """What a reader sees of the whole page, at most some 20,000 characters."""
    seen_length: int = 0
    linked_length: int = 0
    """Characters of ``seen_length`` that are inside links."""
    headline_links: int = 0
    """Links of at least five words: headlines of other pages."""
    teasers: int = 0
    """``<article>`` elements."""
    times: int = 0
    """``<time>`` elements."""
    password_field: bool = False
    player: bool = False
    """A video player or an embedded one."""
    script_length: int = 0
    """Characters of inline scripts, plus a thousand for each loaded one."""
    app_root: bool = False
    """An empty element that a script is to fill ("root", "app", "__next")."""
    noscript: str = ""
    """Text of ``<noscript>``."""
    markup_signs: str = ""
    """Ids, classes and addresses of scripts, frames and forms, in one string."""
    refresh: bool = False
    page_type: str = ""
    """``og:type``."""
    types: frozenset[str] = frozenset()
    """JSON-LD types, lower case."""
    has_article_node: bool = False
    """JSON-LD describes an article with a headline and a date."""
    has_video_node: bool = False
    has_date: bool = False
    """The page itself gives a publication time in its metadata."""
    is_free: bool | None = None
    word_count: int | None = None
    expected_video: bool = False
    """Announced as a video by its sitemap."""


def classify_page(facts: PageFacts) -> PageClass:
    """The class of the page. Pure; the order of the questions is the order of their proof."""
    length = len(facts.text)
    claims = _claims_to_be_article(facts)
    if not claims or length < SHORT:
        wall = _wall(facts, claims)
        if wall is not None:
            return wall
    if _is_video(facts):
        return PageClass.VIDEO
    if _is_listing(facts, claims):
        return PageClass.LISTING
    if _is_script_shell(facts):
        return PageClass.SCRIPT_SHELL
    if not facts.text:
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


def _wall(facts: PageFacts, claims: bool) -> PageClass | None:
    """The class of a page that stands before, or instead of, what was asked for; None when nothing says so."""
    names = f"{facts.document_title}\n{' '.join(facts.headings)}"
    words = max(len(facts.seen.split()), 1)
    short_page = facts.seen_length - facts.linked_length < THIN
    title_is_challenge = bool(_CHALLENGE_WORDS.search(names))
    if short_page or title_is_challenge:
        marked = bool(_CHALLENGE_MARKUP.search(facts.markup_signs))
        worded = len(set(_matches(_CHALLENGE_WORDS, facts.seen + " " + facts.noscript)))
        if (marked and (worded or len(facts.text) < SHORT)) and not (claims and facts.text and not worded):
            return PageClass.CHALLENGE
        if (title_is_challenge or (worded and words < 250)) and len(facts.text) < THIN and not facts.has_date:
            return PageClass.CHALLENGE
    if not claims and _is_missing(facts, names):
        return PageClass.SOFT_404
    if not claims and _is_consent(facts, names):
        return PageClass.CONSENT_WALL
    login_title = any(_LOGIN_TITLE.match(name.strip()) for name in (*facts.headings, facts.document_title))
    if not claims and len(facts.text) < THIN and short_page:
        worded = bool(_LOGIN_WORDS.search(facts.seen))
        if (
            (facts.password_field and (worded or login_title or len(facts.text) < SHORT))
            or (worded and words < 120)
            or (login_title and worded)
        ):
            return PageClass.LOGIN_WALL
    return None


def _matches(pattern: re.Pattern[str], text: str) -> list[str]:
    return [match[0].casefold() for match in pattern.finditer(text)]


def _is_missing(facts: PageFacts, names: str) -> bool:
    titles = [facts.document_title, facts.title, *facts.headings]
    named = any(_MISSING_TITLE.search(title) and len(title) < 120 for title in titles if title)
    if named:
        return len(facts.text) < THIN and not facts.has_date
    # Some say it only in the text; then it is nearly the whole of it.
    return len(facts.seen) < 600 and len(facts.text) < 400 and bool(_MISSING_TITLE.search(facts.seen[:300])) and bool(names)


def _is_consent(facts: PageFacts, names: str) -> bool:
    """The text itself speaks of consent, line for line. A banner beside an article does not count: the extractor leaves it out."""
    judged = facts.text if len(facts.text) >= SHORT else facts.seen
    if len(judged) > 8_000 or facts.has_date:
        return False
    found = _matches(_CONSENT_WORDS, judged)
    density = len(found) / max(len(judged.split()), 1)
    kinds = len(set(found))
    signed = bool(_CONSENT_TITLE.search(names)) or bool(_CONSENT_MARKUP.search(facts.markup_signs))
    if signed:
        return density > 0.02 and kinds >= 2
    return density > 0.05 and kinds >= 4 and len(judged) < 4_000


def _is_video(facts: PageFacts) -> bool:
    """A page whose matter is a film. An article with a film in it has a text of its own."""
    thin = len(facts.text) < THIN
    if facts.page_type.startswith("video") or (facts.expected_video and thin):
        return True
    if facts.has_video_node and not facts.has_article_node:
        return thin or not facts.has_date
    return facts.player and len(facts.text) < 2 * SHORT and (facts.has_video_node or facts.has_article_node or facts.has_date)


def _is_listing(facts: PageFacts, claims: bool) -> bool:
    if claims:
        return False
    linked = facts.linked_length / max(facts.seen_length, 1)
    if facts.types & _LISTING_TYPES:
        return True
    signs = 0
    signs += bool(_LISTING_PATH.search(facts.url))
    signs += facts.headline_links >= 12 and linked > 0.5
    signs += facts.teasers >= 6 or facts.times >= 8
    signs += facts.page_type in ("website", "profile", "object")
    signs += "itemlist" in facts.types
    # A long coherent text speaks against it: teasers are short lines.
    lines = [line for line in facts.text.split("\n") if line]
    long_lines = sum(len(line) > 200 for line in lines)
    if long_lines >= 5 or facts.has_date:
        signs -= 2
    elif long_lines <= 1 and facts.headline_links >= 8:
        signs += 1
    return signs >= 3


def _is_script_shell(facts: PageFacts) -> bool:
    if len(facts.text) >= SHORT or facts.seen_length > 4 * SHORT:
        return False
    if _SCRIPT_WORDS.search(facts.noscript) or _SCRIPT_WORDS.search(facts.seen):
        return True
    return (facts.app_root or facts.refresh) and facts.script_length > 500 and facts.seen_length < SHORT


def _is_live_blog(facts: PageFacts) -> bool:
    if "liveblogposting" in facts.types:
        return True
    return facts.times >= 8 and bool(_LIVE_TITLE.search(f"{facts.title}\n{' '.join(facts.headings)}"))


def _is_paywall_stub(facts: PageFacts) -> bool:
    """Less than the whole text was served, by the page's own word or because an offer stands where the text should go on."""
    words = len(facts.text.split())
    if facts.word_count is not None and facts.word_count > 150 and words < 0.5 * facts.word_count and facts.is_free is False:
        return True
    offered = bool(_PAYWALL_WORDS.search(facts.text[-600:])) or (len(facts.text) < THIN and bool(_PAYWALL_WORDS.search(facts.seen)))
    if facts.is_free is False:
        return len(facts.text) < THIN or (offered and len(facts.text) < 2 * THIN)
    return facts.is_free is None and offered and len(facts.text) < 2 * SHORT + 300
