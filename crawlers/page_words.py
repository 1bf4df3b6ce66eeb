"""Words by which walls, errors, offers and shells give themselves away, in English, German, Russian and Ukrainian.

Each entry is a regular expression without regard to case. They decide nothing alone: see ``crawlers.page_class``.
"""

from __future__ import annotations

import re


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


CHALLENGE_MARKUP = _any(
    # Ids, classes, cookies and script addresses of those who sell bot walls.
    "cf[-_]chl[-_]", "cf-challenge", "cf-browser-verification", "__cf_chl", "/cdn-cgi/challenge-platform/h/", "_Incapsula_Resource",
    r"captcha-delivery\.com", "px-captcha", "perimeterx", "distil_r_captcha", "ddos-guard/", r"check\.ddos-guard", "/__qrator/",
    "stormwall", "awswaf", "aws-waf-token", "sucuri_cloudproxy", "/_fs-ch-", "akamai-sec", "sec-cpt", "botmanager", "g-recaptcha",
    "h-captcha", r"hcaptcha\.com", "cf-turnstile", "smartcaptcha", "showcaptcha", "checkcaptcha", "checkbox-captcha", "ddv1-captcha",
    "captcha[-_]+(?:box|container|form|human|page|robot)", "jschallenge", "js_challenge", "slowAES",
)  # fmt: skip

CHALLENGE_STEMS = (
    "cf-ch", "cf_chl", "cf-browser", "challenge", "incapsula", "captcha", "perimeterx", "ddos-guard", "qrator", "stormwall", "awswaf",
    "aws-waf", "sucuri", "/_fs-ch-", "akamai-sec", "sec-cpt", "botmanager", "cf-turnstile", "slowaes",
)  # fmt: skip
"""One of these, in small letters, is in everything that ``CHALLENGE_MARKUP`` finds; looking for them first is many times faster."""

CHALLENGE = _any(
    "checking (?:if the site connection is secure|your browser)",
    r"just a moment\b",
    "verif(?:y|ying) (?:that )?you are (?:a )?human",
    "are you (?:a )?(?:human|robot)",
    "i(?:'|’)?m not a robot",
    "unusual (?:traffic|activity) from your",
    "attention required",
    "enable (?:javascript|js) and cookies to continue",
    "(?:enable|turn on) js and disable any ad ?blocker",
    "access (?:to this page )?(?:has been |is )?denied",
    "you have been blocked",
    "security check",
    "ddos[- ]protection",
    "bot (?:protection|detection|verification)",
    r"(?:and )?not a (?:ro)?bot\b",
    "(?:show|prove|make sure) (?:that )?you(?: are|'re|’re) (?:a )?(?:real )?(?:human|person)",
    r"(?:requests|traffic|behaviou?r)[^.\n]{0,60}(?:look|seem|appear)s?(?: to be)? automat",
    r"requested url was rejected",
    r"support id is",
    r"reference #\d",
    "ray id",
    "ihr browser wird (?:über|ge)prüft",
    r"überprüf\w+ (?:ihres browsers|ob sie ein mensch)",
    "sicherheits(?:über)?prüfung",
    "bestätigen sie,? dass sie (?:kein roboter|ein mensch)",
    "ich bin kein roboter",
    r"ungewöhnliche\w* (?:datenverkehr|aktivität)",
    "zugriff verweigert",
    r"(?:dass|ob) sie (?:wirklich )?ein mensch",
    r"support-id",
    "проверка (?:вашего )?браузера",
    "провер(?:ка|яем|ьте),? (?:что|не робот|безопасности|ваш браузер)",
    "подтвердите,? что вы (?:не робот|человек)",
    "вы не робот",
    "(?:вы|ты), а не (?:ро)?бот",
    r"(?:запрос\w*|действия)[^.\n]{0,60}похож\w* на (?:автоматич|действия робот)",
    "я не робот",
    "доступ (?:к (?:сайту|странице|ресурсу) )?(?:ограничен|запрещ[её]н|заблокирован)",
    r"необычн\w+ (?:трафик|активность)",
    "похожи на автоматические",
    r"защит\w+ от (?:ddos|ботов)",
    "перевірка (?:вашого )?браузера",
    "перевіряємо ваш браузер",
    "підтвердьте,? що ви (?:не робот|людина)",
    r"доступ (?:до \w+ )?(?:обмежено|заборонено|заблоковано)",
    r"незвичн\w+ (?:трафік|активність)",
    "захист від (?:ddos|ботів)",
    "(?:ви|ти), а не (?:ро)?бот",
    r"(?:запит\w*|дії)[^.\n]{0,60}схож\w* на (?:автоматич|дії робот)",
    "ви не робот",
)

CONSENT = _any(
    r"cookies?\b", "consent", r"our (?:\d+ )?partners", "partners process", "legitimate interest",
    "personali[sz]ed (?:ads|content|advertising)", "privacy (?:policy|settings)", "store and/or access", "vendors", "accept all",
    "reject all",
    r"einwillig\w*", r"zustimm\w*", r"datenschutz\w*", r"unsere\w* (?:\d+ )?partner\w*", r"personalisierte\w* (?:werbung|anzeigen|inhalte)",
    "tracking", "werbefrei", "pur[- ]abo", "alle akzeptieren", "ablehnen", "berechtigtes interesse",
    r"файл\w* cookie", r"согласи\w*", r"обработк\w* (?:персональных )?данных", r"персональн\w+ (?:данны\w+|реклам\w+)",
    r"конфиденциальност\w*", r"наши\w* партн[её]р\w*", "принять все",
    r"файл\w* (?:cookie|куки)", r"згод[аиу]\w*", r"обробк\w* (?:персональних )?даних", r"персональн\w+ (?:дан\w+|реклам\w+)",
    r"конфіденційн\w*", r"наш\w* партнер\w*", "прийняти все",
)  # fmt: skip

CONSENT_TITLE = _any(
    "before you continue", "consent", "cookie", "privacy", "datenschutz", "einwilligung", "zustimmung", "mit werbung", "weiterlesen mit",
    "bevor sie", "прежде чем (?:продолжить|перейти)", "согласие", "конфиденциальност", "перш ніж (?:продовжити|перейти)", "згода",
    "конфіденційн",
)  # fmt: skip

CONSENT_MARKUP = _any(
    "sp_message_(?:container|iframe)", r"consent\.(?:yahoo|google|youtube)\.", "/privacy-?gate", "consent-?(?:wall|gate|page)", "cmp-?wall",
    "purabo", "contentpass",
)  # fmt: skip

LOGIN = _any(
    "(?:log|sign) ?in (?:to (?:continue|read|view|access)|or (?:register|create))",
    "please (?:log|sign) in",
    "you must be logged in",
    "create (?:a|your) free account to",
    "members only",
    "(?:bitte )?melden sie sich an",
    "(?:bitte )?(?:einloggen|anmelden),? um",
    "jetzt anmelden",
    "nur für (?:mitglieder|registrierte)",
    "войдите,? (?:чтобы|в (?:аккаунт|систему|личный кабинет)|или зарегистрируйтесь)",
    "необходимо (?:авторизоваться|войти)",
    "требуется авторизация",
    "только для зарегистрированных",
    "увійдіть,? (?:щоб|в (?:акаунт|обліковий)|або зареєструйтесь)",
    "необхідно (?:авторизуватися|увійти)",
    "потрібна авторизація",
    "лише для зареєстрованих",
)

LOGIN_TITLE = re.compile(
    r"^\W*(?:log ?in|sign ?in|register|anmelden|einloggen|anmeldung|вход|войти|авторизация|регистрация|"
    r"вхід|увійти|авторизація|реєстрація)\b",
    re.IGNORECASE,
)

MISSING_TITLE = _any(
    r"^\W*(?:error |fehler |ошибка |помилка )?40[34]\W*$",
    r"\b404\b.{0,30}(?:error|not found|fehler|не найден|не знайден|ошибка|помилка)",
    r"(?:error|fehler|ошибка|помилка)\W{0,3}40[34]\b",
    r"^(?:page|article|story|content|document|file)? ?(?:was |is |could )?not (?:be )?found\b",
    "(?:page|article|story|content) (?:you (?:requested|are looking for|were looking for) )?(?:was |is |could |can)? ?"
    "(?:not|no longer) (?:be )?(?:found|available|exist)",
    "(?:page|article) (?:does not|doesn(?:'|’)t|no longer) exist",
    r"^\W*oops",
    r"(?:seite|artikel|inhalt|beitrag)\b.{0,30}(?:nicht (?:mehr )?(?:gefunden|verfügbar|vorhanden)|existiert nicht|gibt es nicht)",
    r"(?:страниц\w+|стать\w+|материал\w*|документ)\b.{0,30}(?:не найден\w*|не существует|удал[её]н\w*|недоступ\w+)",
    r"(?:сторінк\w+|статт\w+|матеріал\w*|документ)\b.{0,30}(?:не знайден\w*|не існує|видален\w*|недоступн\w+)",
    "(?:ничего|нічого) не (?:найдено|знайдено)",
)

OFFER = _any(
    r"subscri(?:be|ption|bers?)[^.\n]{0,60}(?:continue|read|unlock|access|full)",
    "(?:continue|keep) reading (?:with|for|by)",
    "to (?:continue|keep) reading",
    "already a subscriber",
    "this (?:article|story|content) is (?:for|only for|exclusive|reserved)",
    "unlock (?:this|the full)",
    "start your (?:free )?trial",
    "(?:jetzt )?weiterlesen (?:mit|für|im)",
    r"mit (?:einem )?(?:\S+ )?abo(?:nnement)? (?:weiter)?lesen",
    "nur für abonnent",
    "bereits abonnent",
    "exklusiv für abonnent",
    "dieser artikel ist (?:nur |exklusiv )?für",
    "probe(?:monat|abo)",
    "jetzt abonnieren",
    "artikel freischalten",
    r"(?:дочитать|читать дальше|продолжить чтение)[^.\n]{0,40}подписк",
    "оформите подписку",
    r"доступ(?:ен|н\w+) (?:только )?(?:по подписке|подписчикам)",
    "только для подписчиков",
    r"(?:читати далі|дочитати|продовжити читання)[^.\n]{0,40}(?:передплат|підписк)",
    "оформіть (?:передплату|підписку)",
    r"доступ(?:ний|н\w+) (?:лише |тільки )?(?:за передплатою|передплатникам)",
    "(?:тільки|лише) для (?:передплатників|підписників)",
)

NEEDS_SCRIPT = _any(
    "(?:enable|turn on|activate|requires?|need) java ?script",
    "java ?script (?:is )?(?:disabled|required|must be enabled|to run this app)",
    "java ?script (?:aktivieren|einschalten|ist deaktiviert|erforderlich)",
    "(?:aktivieren|schalten) sie (?:bitte )?java ?script",
    "включите (?:поддержку )?java ?script",
    r"java ?script (?:отключ|выключ|необходим)\w*",
    "увімкніть (?:підтримку )?java ?script",
    r"java ?script (?:вимкн|необхідн)\w*",
)

LIVE_TITLE = _any(
    r"\blive[- ]?(?:blog|ticker|updates?)\b", r"\bliveblog\b", r"\w-ticker\b", r"\b(?:news|live)ticker\b", "^live:",
    "онлайн-?трансляц", r"текстов\w+ (?:онлайн|трансляц)", "хроника дня", r"\bонлайн\b", "хроніка дня", "наживо",
)  # fmt: skip
"""Only together with many time stamps in the text."""

LISTING_PATH = re.compile(
    "/(?:tags?|topics?|categor(?:y|ies)|authors?|archives?|search|rubric|section|label|thema|themen|schlagwort(?:e)?|autor(?:en)?|"
    r"suche|archiv|rubrika|kategoria|teg|temy?|avtor|poisk|news-archive)(?:/|$|\?)|[?&](?:page|q|s|search|query)=|/page/\d+/?$",
    re.IGNORECASE,
)
"""Addresses under which sites keep lists of their own pages."""
