"""What a page is: walls, errors, lists and shells in four languages, and the articles that look like them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawlers.extraction import extract_page
from crawlers.page_words import CHALLENGE_MARKUP, CHALLENGE_STEMS
from storage.records import Entry, PageClass, PageKind
from tests.fixtures.pages import PARAGRAPHS, TITLES, article, html, json_ld, listing

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DATED = '<meta property="article:published_time" content="2022-11-21T10:05:00+02:00">'


def classify(body: bytes, *, url: str = "http://radio.example/a/1.html", entry: Entry | None = None) -> PageClass:
    return extract_page(body, url=url, entry=entry, now=NOW).page_class


def bare(inner: str, *, language: str = "en", title: str = "", head: str = "") -> bytes:
    return html(inner, language=language, title=title, head=head, chrome=False)


CHALLENGES = [
    # The big one, as it is served with status 200 too.
    bare(
        '<h1>radio.example</h1><p>Checking if the site connection is secure</p><div class="cf-turnstile"></div>',
        title="Just a moment...",
        head="<script>window._cf_chl_opt={cvId:'3'};</script>",
    ),
    bare(
        "<p>Checking your browser before accessing radio.example. This process is automatic.</p><p>Ray ID: 7f00</p>", title="radio.example"
    ),
    bare('<p>Please verify you are a human</p><div class="g-recaptcha"></div>', title="Access to this page has been denied"),
    bare(
        '<p>Please enable JS and disable any ad blocker</p><script src="https://ct.captcha-delivery.com/c.js"></script>',
        title="radio.example",
    ),
    bare(
        "<h1>Access Denied</h1><p>You don't have permission to access this on this server.</p><p>Reference #18.2f</p>",
        title="Access Denied",
    ),
    bare("<h1>Sicherheitsüberprüfung</h1><p>Bitte bestätigen Sie, dass Sie kein Roboter sind.</p>", language="de", title="Einen Moment"),
    bare("<p>Wir überprüfen Ihres Browsers Echtheit. Ihr Browser wird überprüft.</p>", language="de", title="Zugriff verweigert"),
    bare("<p>Подтвердите, что вы не робот</p><div class='smartcaptcha'></div>", language="ru", title="Вы не робот?"),
    bare("<p>Проверка браузера. Доступ к сайту ограничен, подождите пять секунд.</p>", language="ru", title="DDoS-Guard"),
    bare("<p>Перевірка вашого браузера. Підтвердьте, що ви не робот.</p>", language="uk", title="Зачекайте"),
    bare("<p>Доступ до сайту обмежено. Захист від ботів.</p>", language="uk", title="Доступ обмежено"),
]

CONSENT_WALLS = [
    bare(
        "<h1>Before you continue</h1><p>We and our 812 partners store and/or access information with cookies.</p>"
        "<p>With your consent we use personalised ads and content. See our privacy policy. Accept all. Reject all.</p>",
        title="Before you continue to Harbour Radio",
    ),
    bare(
        "<h1>Mit Werbung weiterlesen</h1>"
        "<p>Mit Ihrer Zustimmung nutzen wir und unsere Partner Cookies und Tracking für personalisierte Werbung.</p>"
        "<p>Oder lesen Sie werbefrei im PUR-Abo. Details in der Datenschutzerklärung.</p>",
        language="de",
        title="Harbour Radio | Zustimmung",
    ),
    bare(
        "<h1>Прежде чем продолжить</h1>"
        "<p>Мы и наши партнёры используем файлы cookie. Нам нужно ваше согласие на обработку персональных данных.</p>"
        "<p>Политика конфиденциальности. Принять все.</p>",
        language="ru",
        title="Согласие",
    ),
    bare(
        "<h1>Перш ніж продовжити</h1>"
        "<p>Ми та наші партнери використовуємо файли cookie. Потрібна ваша згода на обробку персональних даних.</p>"
        "<p>Політика конфіденційності. Прийняти все.</p>",
        language="uk",
        title="Згода",
    ),
]

FORM = '<form action="/login"><input name="u"><input type="password" name="p"><button>OK</button></form>'
LOGIN_WALLS = [
    html(f"<h1>Log in</h1><p>Please log in to continue reading.</p>{FORM}", title="Log in"),
    html(f"<h1>Anmelden</h1><p>Bitte melden Sie sich an.</p>{FORM}", language="de", title="Anmeldung"),
    html(f"<h1>Вход</h1><p>Войдите, чтобы читать дальше.</p>{FORM}", language="ru", title="Вход"),
    html(f"<h1>Вхід</h1><p>Увійдіть, щоб читати далі.</p>{FORM}", language="uk", title="Вхід"),
]

MISSING = [
    html("<h1>Page not found</h1><p>Try the search or go to the front page.</p>", title="404 - Harbour Radio"),
    html("<h1>404</h1><p>The page you requested is not here.</p>", title="Error 404"),
    html("<h1>Oops!</h1><p>This article no longer exists.</p>", title="Oops"),
    html("<h1>Seite nicht gefunden</h1><p>Leider gibt es diese Seite nicht.</p>", language="de", title="Fehler 404"),
    html("<h1>Страница не найдена</h1><p>Возможно, она была удалена.</p>", language="ru", title="Ошибка 404"),
    html("<h1>Сторінку не знайдено</h1><p>Можливо, її видалено.</p>", language="uk", title="Помилка 404"),
    html("<h1>Материал удалён</h1><p>Попробуйте поиск.</p>", language="ru", title="Harbour Radio"),
]

LISTINGS = [
    (listing("en", heading="Tag: bridges"), "http://radio.example/tag/bridges"),
    (listing("de", heading="Autor: Erika Muster"), "http://radio.example/autor/erika-muster"),
    (listing("ru", heading="Архив"), "http://radio.example/archive/2022/11/21"),
    (listing("uk", heading="Новини", head='<meta property="og:type" content="website">'), "http://radio.example/news/"),
    (listing("en", count=8, head=json_ld(type_="CollectionPage", name="News")), "http://radio.example/z/500"),
]

SHELLS = [
    bare('<div id="root"></div><noscript>You need to enable JavaScript to run this app.</noscript><script src="/app.js"></script>'),
    bare('<div id="__next"></div><script src="/a.js"></script><script src="/b.js"></script>', title="Harbour Radio"),
    bare("<p>Bitte aktivieren Sie JavaScript.</p><script src='/a.js'></script>", language="de"),
    bare("<noscript>Включите JavaScript</noscript><div id='app'></div><script src='/a.js'></script>", language="ru"),
    bare("<noscript>Увімкніть JavaScript</noscript><div id='app'></div><script src='/a.js'></script>", language="uk"),
]

EMPTY = [b"", b"   ", b"<html></html>", b"<html><body></body></html>", bare("<div></div>"), b"\x00\x01\x02\x03"]


@pytest.mark.rows(63)
@pytest.mark.parametrize("body", CHALLENGES)
def test_challenges(body: bytes) -> None:
    assert classify(body) is PageClass.CHALLENGE


@pytest.mark.rows(64)
@pytest.mark.parametrize("body", CONSENT_WALLS)
def test_consent_walls(body: bytes) -> None:
    assert classify(body) is PageClass.CONSENT_WALL


@pytest.mark.parametrize("body", LOGIN_WALLS)
def test_login_walls(body: bytes) -> None:
    assert classify(body) is PageClass.LOGIN_WALL


@pytest.mark.parametrize("body", MISSING)
def test_pages_that_say_200_and_mean_404(body: bytes) -> None:
    assert classify(body) is PageClass.SOFT_404


@pytest.mark.parametrize(("body", "url"), LISTINGS)
def test_lists_of_other_pages(body: bytes, url: str) -> None:
    assert classify(body, url=url) is PageClass.LISTING


@pytest.mark.parametrize("body", SHELLS)
def test_shells_that_a_script_would_fill(body: bytes) -> None:
    assert classify(body) is PageClass.SCRIPT_SHELL


@pytest.mark.parametrize("body", EMPTY)
def test_pages_without_anything(body: bytes) -> None:
    assert classify(body) is PageClass.EMPTY


def brief(language: str, text: str, *, title: str, head: str = DATED) -> bytes:
    return html(f"<article><h1>{title}</h1><p>{text}</p></article>", language=language, title=title, head=head)


ARTICLES = [
    # Plain ones, with the menu, footer and cookie banner that every site has, and with no metadata at all.
    *(article(language) for language in PARAGRAPHS),
    *(article(language, head=DATED) for language in PARAGRAPHS),
    # Three sentences of a news agency.
    *(brief(language, " ".join(PARAGRAPHS[language][:2]), title=TITLES[language]) for language in PARAGRAPHS),
    # Articles about what walls are made of.
    article(
        "en",
        title="Court: cookie banners need real consent",
        before="<p>Cookies, consent, partners and privacy policies were before the court.</p>",
    ),
    article(
        "de", title="Was das Einwilligungsgesetz für Cookies bedeutet", before="<p>Zustimmung, Tracking, Datenschutz: darum ging es.</p>"
    ),
    article("ru", title="Доступ к сайту ограничен по решению суда", before="<p>Доступ запрещён, сказано в решении.</p>"),
    article("en", title="I'm not a robot: the story of the captcha"),
    article("en", title="404 homes without power after the storm"),
    article("uk", title="Сторінку історії перегорнуто: 404 дні облоги"),
    article("en", title="Login nightmare: readers locked out of their accounts", after=FORM),
    # Bot walls put their scripts on ordinary pages too.
    article(
        "en",
        head='<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script><script src="https://hcaptcha.com/1/api.js"></script>',
    ),
    # Longer lists of related headlines below the text, with their times.
    article("ru", head=DATED, after=listing("ru", count=15).decode().partition("<main>")[2].partition("</main>")[0]),
    article(
        "en",
        head=json_ld(headline=TITLES["en"], datePublished="2022-11-21T10:05:00Z"),
        after="<ul>" + "<li><a href='/x'>Read on</a></li>" * 40 + "</ul>",
    ),
    # An offer to subscribe below a whole text is no paywall.
    article("en", head=DATED, after="<p>Subscribe to our newsletter.</p>"),
]


@pytest.mark.parametrize("body", ARTICLES)
def test_articles_are_articles(body: bytes) -> None:
    assert classify(body) is PageClass.ARTICLE


@pytest.mark.parametrize("alternative", CHALLENGE_MARKUP.pattern.split("|"))
def test_no_mark_of_a_bot_wall_is_missed_by_the_quick_look_before(alternative: str) -> None:
    if "(?:" in alternative or alternative.endswith(")") or alternative in ("container", "form", "human", "page"):
        alternative = "captcha-box"
    mark = alternative.replace("[-_]", "-").replace("\\", "").lower()
    assert CHALLENGE_MARKUP.search(mark)
    assert any(stem in mark for stem in CHALLENGE_STEMS)


def test_an_article_under_an_address_like_a_list_s_is_an_article() -> None:
    assert classify(article("en", head=DATED), url="http://radio.example/archive/2022/11/21/bridge.html") is PageClass.ARTICLE


STUBS = [
    article("en", paragraphs=1, head=json_ld(headline="x", datePublished="2022-11-21T10:05:00Z", isAccessibleForFree=False)),
    article(
        "en", paragraphs=2, head=json_ld(headline="x", datePublished="2022-11-21T10:05:00Z", isAccessibleForFree="False", wordCount=900)
    ),
    article("de", paragraphs=2, head='<meta property="article:content_tier" content="locked">' + DATED),
    article("en", paragraphs=2, after="<p>Subscribe to continue reading. Already a subscriber? Sign in.</p>"),
    article("de", paragraphs=2, after="<p>Jetzt weiterlesen mit einem Probeabo. Bereits Abonnent?</p>"),
    article("ru", paragraphs=2, after="<p>Читать дальше можно по подписке. Оформите подписку.</p>"),
    article("uk", paragraphs=2, after="<p>Читати далі за передплатою. Оформіть передплату.</p>"),
]


@pytest.mark.rows(66)
@pytest.mark.parametrize("body", STUBS)
def test_paywall_stubs_are_partial(body: bytes) -> None:
    found = extract_page(body, url="http://radio.example/a/1.html", now=NOW)
    assert (found.page_class, found.partial) == (PageClass.PAYWALL_STUB, True)


def test_a_paid_article_that_was_served_whole_is_an_article() -> None:
    head = json_ld(headline="x", datePublished="2022-11-21T10:05:00Z", isAccessibleForFree=False)
    more = "".join(f"<p>{number}. {PARAGRAPHS['en'][number % 5]}</p>" for number in range(30))
    assert classify(article("en", head=head, after=more)) is PageClass.ARTICLE


VIDEOS = [
    article("en", paragraphs=1, head='<meta property="og:type" content="video.other">'),
    html(
        "<h1>The bridge</h1><video src='/v.mp4'></video>",
        head=json_ld(type_="VideoObject", name="The bridge", description="A film.", uploadDate="2022-11-21"),
    ),
    html("<h1>The bridge</h1><iframe src='https://www.youtube.com/embed/x1'></iframe><p>A film of two minutes.</p>", head=DATED),
    html(
        '<h1>Мост</h1><div data-sp_api="pangea-video"></div>',
        language="ru",
        head=json_ld(headline="Мост", datePublished="2022-11-21T10:05:00Z"),
    ),
]


@pytest.mark.parametrize("body", VIDEOS)
def test_pages_whose_matter_is_a_film(body: bytes) -> None:
    assert classify(body) is PageClass.VIDEO


def test_a_thin_page_that_a_video_sitemap_announced_is_a_video() -> None:
    entry = Entry(url="http://radio.example/a/1.html", kind=PageKind.VIDEO, title="The bridge", description="A film.")
    assert classify(html("<h1>The bridge</h1><p>A film.</p>"), entry=entry) is PageClass.VIDEO


def test_an_article_with_a_film_in_it_is_an_article() -> None:
    head = json_ld(headline=TITLES["en"], datePublished="2022-11-21T10:05:00Z", video={"@type": "VideoObject", "name": "x"})
    assert classify(article("en", head=head, before="<video src='/v.mp4'></video>")) is PageClass.ARTICLE


LIVE = [
    article("en", head=json_ld(type_="LiveBlogPosting", headline="Bridge vote", datePublished="2022-11-21T10:05:00Z", liveBlogUpdate=[])),
    article(
        "de", title="Brücken-Ticker: So lief die Abstimmung", after="<p><time datetime='2022-11-21T10:05'>10.05</time> Neues.</p>" * 10
    ),
    article("ru", title="Голосование по мосту. Онлайн", after="<p><time datetime='2022-11-21T10:05'>10:05</time> Новое.</p>" * 10),
]


@pytest.mark.parametrize("body", LIVE)
def test_live_blogs(body: bytes) -> None:
    assert classify(body) is PageClass.LIVE_BLOG


def test_an_article_about_stickers_with_many_times_is_no_live_blog() -> None:
    times = "<time datetime='2022-11-21T10:05'>10:05</time>" * 10
    assert classify(article("de", title="Sticker-Sammler treffen sich", after=f"<p>{times}</p>")) is PageClass.ARTICLE
