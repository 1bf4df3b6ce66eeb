"""Addresses in the shapes that the registry's outlets really use: each line is one article, no two lines are the same."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from config.outlet import Outlet
from storage.identity import article_identity

CARDS = Path(__file__).parents[2] / "config" / "outlets"

# ruff: noqa: E501 - a line is one article
LINES = """
svoboda_ru https://www.svoboda.org/a/v-podvale/32130001.html http://www.svoboda.org/a/32130001.html https://svoboda.org/a/32130001.html?utm_source=rss https://www.svoboda.org/amp/v-podvale/32130001.html https://m.svoboda.org/a/32130001.html#comments https://www.svoboda.org/a/another-slug/32130001.html?fbclid=x https://d3ro389divh0hy.cloudfront.net/a/v-podvale/32130001.html?utm_medium=proxy&utm_campaign=otf&utm_source=otf https://preview.svoboda.org/a/v-podvale/32130001.html https://staging.svoboda.org/a/32130001.html <https://www.svoboda.org/a/32130001.html>,
svoboda_ru https://www.svoboda.org/a/v-podvale/32130002.html https://www.svoboda.org/a/32130002.html?nocache=1 https://www.svoboda.org/amp/32130002.html
severreal_ru https://www.severreal.org/a/lyudi/32130003.html https://www.svoboda.org/a/32130003.html https://www.severreal.org/amp/lyudi/32130003.html http://severreal.org/a/32130003.html https://d625y3otpz58.cloudfront.net/a/32130003.html https://preview.severreal.org/a/lyudi/32130003.html
sibreal_ru https://www.sibreal.org/a/lyudi/32130004.html https://www.svoboda.org/a/lyudi/32130004.html https://m.sibreal.org/a/32130004.html http://d2aywdt457pcvn.cloudfront.net/a/lyudi/32130004.html
currenttime_ru https://www.currenttime.tv/a/zaytsevo/32130005.html https://www.currenttime.tv/a/32130005.html?ltflags=mailer https://currenttime.tv/amp/zaytsevo/32130005.html https://d2so81gt3r7oma.cloudfront.net/a/zaytsevo/32130005.html https://staging.currenttime.tv/a/zaytsevo/32130005.html
radiosvoboda_uk https://www.radiosvoboda.org/a/pidval/32130006.html http://radiosvoboda.org/a/pidval/32130006.html https://www.radiosvoboda.org/amp/pidval/32130006.html https://www.radiosvoboda.org/a/pidval/32130006.html?at_medium=RSS
donbas_realii_uk https://www.radiosvoboda.org/a/donbas-realii/32130007.html https://www.radiosvoboda.org/amp/donbas-realii/32130007.html
krymr_uk https://ua.krymr.com/a/news/32130008.html http://ua.krymr.com/a/32130008.html https://ua.krymr.com/amp/news/32130008.html https://d182du3kmtwlt4.cloudfront.net/a/32130008.html
krymr_ru https://ru.krymr.com/a/news/32130009.html https://ru.krymr.com/a/32130009.html https://d3c11l8t5r2z4n.cloudfront.net/a/news/32130009.html
kavkazr_ru https://www.kavkazr.com/a/gory/32130011.html https://d2bmwbp2lbk4sx.cloudfront.net/a/gory/32130011.html https://www.kavkazr.com/a/32130011.html"
idelreal_ru https://www.idelreal.org/a/volga/32130012.html https://d3p450x7d8uz2l.cloudfront.net/a/32130012.html https://m.idelreal.org/amp/volga/32130012.html
rferl_en https://www.rferl.org/a/russia-soldiers-cellar/32130010.html https://www.rferl.org/amp/russia-soldiers-cellar/32130010.html https://rferl.org/a/32130010.html, http://www.rferl.org/a/32130010.html https://dbscbnspz9ye.cloudfront.net/a/russia-soldiers-cellar/32130010.html https://preview.rferl.org/amp/russia-soldiers-cellar/32130010.html https://gandhara.rferl.org/a/32130010.html
voa_en https://www.voanews.com/a/soldiers/6830010.html https://www.voanews.com/amp/soldiers/6830010.html https://voanews.com/a/6830010.html
dw_de https://www.dw.com/de/russland-soldaten/a-63770001 https://www.dw.com/de/anderer-titel/a-63770001?maca=de-rss-de-all-1119-rdf https://p.dw.com/de/x/a-63770001 https://m.dw.com/de/russland-soldaten/a-63770001 https://amp.dw.com/de/russland-soldaten/a-63770001
dw_ru https://www.dw.com/ru/soldaty/a-63770002 http://www.dw.com/ru/soldaty/a-63770002 https://www.dw.com/ru/soldaty/a-63770002?maca=rus-rss_rus
dw_uk https://www.dw.com/uk/soldaty/video-63770003 https://www.dw.com/uk/soldaty/av-63770003
bbc_ru https://www.bbc.com/russian/articles/c0ver1d4x9o https://www.bbc.co.uk/russian/articles/c0ver1d4x9o https://www.bbc.com/russian/articles/c0ver1d4x9o?at_medium=RSS&at_campaign=KARANGA https://www.bbc.com/russian/articles/c0ver1d4x9o.amp
bbc_ru https://www.bbc.com/russian/news-63600001 https://www.bbc.com/russian/news-63600001?ocid=wsrussian http://www.bbc.co.uk/russian/news-63600001
bbc_en https://www.bbc.com/news/world-europe-63600002 https://www.bbc.co.uk/news/world-europe-63600002 https://www.bbc.com/news/world-europe-63600002?ns_mchannel=social https://www.bbc.com/news/world-europe-63600002.amp
bbc_uk https://www.bbc.com/ukrainian/news-63600003 https://www.bbc.com/ukrainian/news-63600003#share
fr_de https://www.fr.de/politik/soldaten-im-keller-91900001.html https://www.fr.de/politik/anderer-titel-91900001.html https://www.fr.de/politik/soldaten-im-keller-91900001.amp.html https://fr.de/politik/soldaten-im-keller-91900001.html?utm_medium=rss
merkur_de https://www.merkur.de/politik/soldaten-zr-91900002.html https://www.merkur.de/politik/soldaten-zr-91900002.amp.html https://m.merkur.de/politik/soldaten-zr-91900002.html
faz_de https://www.faz.net/aktuell/politik/ausland/soldaten-18460001.html https://www.faz.net/aktuell/politik/ausland/soldaten-18460001.amp.html https://m.faz.net/aktuell/politik/ausland/soldaten-18460001.html https://www.faz.net/aktuell/politik/ausland/soldaten-18460001.html?printPagedArticle=true
spiegel_de https://www.spiegel.de/ausland/soldaten-a-0a1b2c3d-1111-2222-3333-444455556666 https://www.spiegel.de/ausland/soldaten-a-0a1b2c3d-1111-2222-3333-444455556666-amp https://spiegel.de/ausland/x-a-0a1b2c3d-1111-2222-3333-444455556666?sara_ref=re-so-app-sh
spiegel_de https://www.spiegel.de/ausland/soldaten-a-9a1b2c3d-1111-2222-3333-444455556666
sz_de https://www.sueddeutsche.de/politik/soldaten-1.5690001 https://www.sueddeutsche.de/politik/soldaten-1.5690001?reduced=true https://www.sueddeutsche.de/1.5690001
sz_de https://www.sueddeutsche.de/politik/soldaten-li.3100001 https://sueddeutsche.de/politik/soldaten-li.3100001
t_online_de https://www.t-online.de/nachrichten/ausland/id_100080001/soldaten.html https://www.t-online.de/nachrichten/ausland/id_100080001/anderer-titel.html https://www.t-online.de/-/id_100080001.html
ntv_de https://www.n-tv.de/politik/Soldaten-im-Keller-article23700001.html https://amp.n-tv.de/politik/Soldaten-im-Keller-article23700001.html http://www.n-tv.de/politik/Soldaten-article23700001.html
bild_de https://www.bild.de/politik/ausland/soldaten-81900001.bild.html https://m.bild.de/politik/ausland/soldaten-81900001.bild.html https://www.bild.de/politik/ausland/soldaten-81900001.bild.html?t_ref=x
welt_de https://www.welt.de/politik/ausland/article242000001/Soldaten.html https://www.welt.de/politik/ausland/plus242000001/Soldaten.html https://amp.welt.de/politik/ausland/article242000001/Soldaten.html https://www.welt.de/article242000001/
pravda_uk https://www.pravda.com.ua/news/2022/11/14/7376001/ https://www.pravda.com.ua/news/2022/11/14/7376001 http://pravda.com.ua/news/2022/11/14/7376001/?utm_source=x https://www.pravda.com.ua/news/2022/11/14/7376001/index.amp
pravda_ru https://www.pravda.com.ua/rus/news/2022/11/14/7376002/ https://www.pravda.com.ua/rus/news/2022/11/14/7376002/#disqus
unian_ru https://www.unian.net/war/soldaty-v-podvale-12040001.html https://www.unian.net/war/amp-soldaty-v-podvale-12040001.html https://unian.net/war/soldaty-12040001.html?utm_source=rss
unian_uk https://www.unian.ua/war/soldati-12040002.html https://www.unian.ua/war/amp-soldati-12040002.html
ukrinform_uk https://www.ukrinform.ua/rubric-ato/3610001-pidval.html https://www.ukrinform.ua/amp/rubric-ato/3610001-pidval.html https://www.ukrinform.ua/rubric-ato/3610001-insha-nazva.html
ukrinform_en https://www.ukrinform.net/rubric-ato/3610003-cellar.html http://ukrinform.net/rubric-ato/3610003-cellar.html
suspilne_uk https://suspilne.media/320001-u-pidvali/ https://suspilne.media/320001-insha-nazva/ https://suspilne.media/320001-u-pidvali/?utm_source=copylink https://suspilne.media/kharkiv/320001-u-pidvali/
nv_uk https://nv.ua/ukr/world/u-pidvali-50280001.html https://nv.ua/ukr/amp/world/u-pidvali-50280001.html https://nv.ua/ukr/world/u-pidvali-50280001.html?utm_content=set_lang
nv_en https://english.nv.ua/nation/cellar-50280002.html https://english.nv.ua/amp/nation/cellar-50280002.html
interfax_ua_uk https://interfax.com.ua/news/general/870001.html https://interfax.com.ua/news/general/870001.html?utm_source=x http://interfax.com.ua/news/general/870001.html
tass_ru https://tass.ru/armiya-i-opk/16300001 https://tass.ru/armiya-i-opk/16300001/amp https://tass.ru/armiya-i-opk/16300001?utm_source=yxnews https://m.tass.ru/armiya-i-opk/16300001
tass_ru https://tass.ru/armiya-i-opk/16300002
ria_ru https://ria.ru/20221114/mobilizatsiya-1830000001.html https://ria.ru/amp/20221114/mobilizatsiya-1830000001.html https://ria.ru/20221114/1830000001.html https://ria.ru/20221114/mobilizatsiya-1830000001.html?rcmd_alg=x
kommersant_ru https://www.kommersant.ru/doc/5660001 https://www.kommersant.ru/amp/5660001 https://kommersant.ru/doc/5660001?from=top_main_1 https://www.kommersant.ru/doc/5660001?query=x https://www.kommersant.ru/doc/5660001/print http://m.kommersant.ru/doc/5660001
interfax_ru https://www.interfax.ru/russia/872001 https://www.interfax.ru/amp/872001 https://interfax.ru/russia/872001 https://www.interfax.ru/872001
moscowtimes_en https://www.themoscowtimes.com/2022/11/14/cellar-a79001 https://www.themoscowtimes.com/2022/11/14/other-a79001?utm_source=x https://www.themoscowtimes.com/amp/2022/11/14/cellar-a79001
moscowtimes_ru https://ru.themoscowtimes.com/2022/11/14/podval-a26001 https://www.moscowtimes.ru/2022/11/14/podval-a26001 https://www.moscowtimes.ru/2022/11/14/podval-a26001?utm_source=x
the_insider_ru https://theins.ru/news/257001 https://theins.press/news/257001 https://theins.ru/news/257001?fbclid=x
ovdinfo_ru https://ovd.info/express-news/2022/11/14/podval https://ovd.news/express-news/2022/11/14/podval http://ovd.info/express-news/2022/11/14/podval/ https://ovd.info/express-news/2022/11/14/podval?utm_source=tg
rt_ru https://russian.rt.com/russia/news/1075001-podval https://russian.rt.com/russia/news/1075001-podval/amp https://russian.rt.com/russia/news/1075001-drugoe
meduza_ru https://meduza.io/news/2022/11/14/podval https://meduza.io/amp/news/2022/11/14/podval http://meduza.io/news/2022/11/14/podval?utm_source=telegram https://www.meduza.io/news/2022/11/14/podval/
meduza_en https://meduza.io/en/news/2022/11/14/cellar https://meduza.io/en/news/2022/11/14/cellar?utm_medium=email
guardian_en https://www.theguardian.com/world/2022/nov/14/cellar https://amp.theguardian.com/world/2022/nov/14/cellar https://www.theguardian.com/world/2022/nov/14/cellar?CMP=share_btn_tw http://www.theguardian.com/world/2022/nov/14/cellar
mediazona_ru https://zona.media/news/2022/11/14/podval https://zona.media/news/2022/11/14/podval?utm_source=x https://zona.media/amp/news/2022/11/14/podval
mediazona_ru https://zona.media/article/2022/11/14/podval
lenta_ru https://lenta.ru/news/2022/11/14/podval/ https://m.lenta.ru/news/2022/11/14/podval/ https://lenta.ru/news/2022/11/14/podval https://lenta.ru/news/2022/11/14/podval/amp/
kyiv_independent_en https://kyivindependent.com/cellar/ https://kyivindependent.com/cellar/amp/ https://kyivindependent.com/cellar?ref=rss https://www.kyivindependent.com/cellar/
kyiv_independent_en https://kyivindependent.com/cellar-2/
lemonde_fr https://www.lemonde.fr/international/article/2022/11/14/cave_6149001_3210.html https://www.lemonde.fr/international/article/2022/11/14/autre_6149001_3210.html https://www.lemonde.fr/en/amp/international/article/2022/11/14/cave_6149001_3210.html
zeit_de https://www.zeit.de/politik/ausland/2022-11/soldaten-keller https://www.zeit.de/politik/ausland/2022-11/soldaten-keller?wt_zmc=sm.ext https://zeit.de/politik/ausland/2022-11/soldaten-keller http://www.zeit.de/politik/ausland/2022-11/soldaten-keller/
zeit_de https://www.zeit.de/politik/ausland/2022-11/soldaten-keller-interview
astra_ru https://astra.press/rus/2022/11/14/podval/ https://www.astra.press/rus/2022/11/14/podval/?utm_source=tg
"""


@cache
def card(name: str) -> Outlet:
    return Outlet.model_validate(tomllib.loads((CARDS / f"{name}.toml").read_text(encoding="utf-8")))


TABLE = [(line.split()[0], line.split()[1:]) for line in LINES.strip().splitlines()]


FORMS = {
    "AMP": r"[/.]amp\b|//amp\.|-amp$",
    "another screen": r"//m\.",
    "print": r"print",
    "mirror": r"cloudfront\.net|theins\.press|ovd\.news|//www\.moscowtimes\.ru",
    "preview or staging": r"//(?:preview|staging)\.",
    "http": r"^<?http:",
    "tracking": r"[?&](?:utm_|fbclid|at_medium|rcmd_alg|CMP=)",
    "junk at the end": r"[>,\"]$",
    "fragment": r"#",
    "another slug": r"another-slug|anderer-titel|insha-nazva|drugoe|/other-a",
}


def test_the_table_is_large_and_holds_every_form() -> None:
    urls = [url for _, urls in TABLE for url in urls]
    assert len(urls) >= 150
    assert [form for form, pattern in FORMS.items() if sum(1 for url in urls if re.search(pattern, url)) < 2] == []


def test_a_number_is_one_article_at_all_sites_of_its_family() -> None:
    hosts = [
        "www.svoboda.org",
        "www.rferl.org",
        "www.currenttime.tv",
        "ru.krymr.com",
        "ua.krymr.com",
        "www.kavkazr.com",
        "www.idelreal.org",
    ]
    cards = ["svoboda_ru", "rferl_en", "currenttime_ru", "krymr_ru", "krymr_uk", "kavkazr_ru", "idelreal_ru"]
    found = {article_identity(card(name), f"https://{host}/a/x/32130099.html") for name, host in zip(cards, hosts, strict=True)}
    assert found == {("rferl", "32130099")}


@pytest.mark.parametrize(("name", "urls"), TABLE, ids=[f"{name}-{urls[0][-30:]}" for name, urls in TABLE])
def test_the_addresses_of_one_article_have_one_identity(name: str, urls: list[str]) -> None:
    first = article_identity(card(name), urls[0])
    different = {url for url in urls if article_identity(card(name), url) != first}
    assert different == set()


def test_no_two_articles_have_one_identity() -> None:
    found = [{article_identity(card(name), url) for url in urls} for name, urls in TABLE]
    assert [(TABLE[a][1][0], TABLE[b][1][0]) for a, b in combinations(range(len(TABLE)), 2) if found[a] & found[b]] == []
