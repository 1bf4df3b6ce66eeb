"""Where a speaker stands: before, within or behind what is said, beside a verb of saying or beside direct speech; in four languages.

The words come from ``data/speakers.toml``; where position tells it alone, no word is asked for.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

MAX_NAME = 90
"""Characters of a speaker's name; what is longer is a clause."""

# The full stop of an initial ends no name; what opened with one kind of quotation mark may close with another.
_WHO = (
    r"(?P<who>(?:[^,.;:\"“”„«»()–—-]|«[^»\"\n]{1,40}[»\"]|„[^“]{1,40}“|\"[A-ZА-ЯІЇЄҐ][^\"\n]{1,40}\"|(?<=\w)-(?=\w)"
    rf"|(?<=[ .][A-ZÄÖÜА-ЯІЇЄҐ])\.|(?<=\b(?:Lt|Dr|St|Mr|Ms))\.|(?<=\b(?:Sgt|Sen|Rep|Gov|Col|Gen|Mrs))\.){{1,{MAX_NAME}}}?)"
    r"(?<!\b(?:Lt|Dr|St|Mr|Ms))(?<!\b(?:Sgt|Sen|Rep|Gov|Col|Gen|Mrs))"
)
_CAP = r"['’]?[A-ZÄÖÜА-ЯЁІЇЄҐ][\w'’-]*\.?"
_FULL_NAME = rf"(?P<who>{_CAP}(?: (?:(?:von|van|de|der|bin|al|el|Al) )?{_CAP}){{1,3}})"
"""Two capitals or more: a person's name where it stands alone between a comma and a verb of saying."""
ADVERB = (
    r"(?:\w+ly|etwa|auch|dagegen|dazu|zudem|weiter|dann|daraufhin|jedoch|also|further|later|then|once|never|again|always|often|still|now|only|even|already|"
    r"ещё|еще|также|тоже|потом|позже|сразу|теж|також|згодом|потім|раніше|ранее) "
)
_AUXILIARY = r"(?:has|have|had|would|will|could) (?:only |not |since )?"
_QUOTE_END = {
    "en": r"[,!?.…][\"”]\s+",
    "de": r"(?:[\"“”»«]\s*,|[!?…][\"“”»«],?)\s+",
    "ru": r"[\"“”»]\s*,?\s*[–—-]\s*",
    "uk": r"[\"“”»]\s*,?\s*[–—-]\s*",
}
"""Where direct speech ends and its speaker is to be named."""
# German names its speakers in capitals, and puts the verb behind them without a comma.
_GERMAN = (
    r"(?P<who>(?:(?i:der|des|dem|den|die|das|eines|einer|einem|ein|eine|seiner|ihrer|seinem|ihrem) )?"
    r"(?:(?!gegenüber|unter|über|hinter|außer)[a-zäöüß]{3,}(?:en|er|es|em|e) ){0,2}(?:[A-ZÄÖÜ][\w-]+|„[A-ZÄÖÜ][^“”\"„\n]{1,40}[“”\"])"
    r"(?: (?:der|des|von|ohne|für|gegen|hinter|in|im|am|zur|eines|einer) (?:(?:der|des|die|den|das) )?[A-ZÄÖÜ][\w-]+| [A-ZÄÖÜ][\w-]+){0,4})"
)
# A mark right behind a letter closes a title ("Роснефть") and no speech: of speech every letter is hidden.
_CLOSING = r"(?:[,–—-]|(?<!\w)[\"“”»«])\s*(?:[–—-]\s*)?"
_TAIL = {
    "en": r"(?=\s*(?:[,.;:!?\"”»]|$)|\s[–—-]\s|\s\(|\s(?:in an?|on|at|during|after|before|as)\s)",
    "de": r"(?=\s*(?:[,.;:!?\"”»]|$)|\s[–—-]\s|\s\(|\s[a-zäöüß])",
    "ru": r"(?=\s*(?:[,.;:!?\"”»]|$)|\s[–—-]\s|\s\(|\s(?:в|во|на|у|после|перед|при|по)\s)",
    "uk": r"(?=\s*(?:[,.;:!?\"”»]|$)|\s[–—-]\s|\s\(|\s(?:в|у|на|після|перед|під|при|по)\s)",
}
"""What ends a name that stands last, also where the occasion is told behind it: "заявил мэр на брифинге"."""
_END = r"(?=\s*(?:[,.;:!?\"”»]|$)|\s[–—-]\s|\s\(|\s(?:that|which|who|whose)\s)"


@dataclass(frozen=True, slots=True)
class Patterns:
    named: tuple[re.Pattern[str], ...]
    """The surest first; each has a group "who"."""
    pronoun: tuple[re.Pattern[str], ...]
    never: re.Pattern[str]
    clause: re.Pattern[str]
    pronouns: re.Pattern[str]
    recipient: re.Pattern[str]
    """Those who are told something: "рассказал журналистам"; only behind ``told``, a verb of saying."""
    told: re.Pattern[str]
    prepositions: re.Pattern[str]


_LINK = {
    "en": "But |And |Yet |Still, |Earlier,? |Later,? |Meanwhile,? |Then ",
    "de": "Doch |Aber |Und |Denn |Auch |Selbst |Sogar ",
    "ru": "Но |А |И |Однако |Об этом |Ранее |Раньше |Позже |Позднее |Затем |Также ",
    "uk": "Але |А |І |Й |Та |Однак |Про це |Проте |Раніше |Пізніше |Згодом |Також ",
}
"""A conjunction or an adverb of time at the head of a sentence is no part of its subject."""
_ARTICLES = (
    "the|a|an|this|that|these|those|its|his|her|their|our|my|your|no|any|some|such|each|every|of|for|to|by|in|on|with|at|"
    "recent|new|repeated|latest|initial|previous|final|official|annual|own|same|full|false|similar|detailed|joint|separate|internal|"
    "das|der|die|den|dem|des|zu|um|ein|eine|einen|einem|einer|sein|seine|ihr|ihre|dieser|diese|dieses"
)
_NO_NOUN = "".join(rf"(?<!\b(?i:{word})\s)" for word in _ARTICLES.split("|")) + r"(?<!['’]s\s)"
"""What stands right before a noun and never before a verb."""
_ANY_VERB = {
    "en": r"(?:[a-z]+ed|said|told|wrote|swore|went on|put it|(?:hit|shot|fired|snapped) back)",
    "de": r"[a-zäöüß]+(?:t|te|ten|en)",
    "ru": r"[а-яё]+(?:[аеиыуя]л[аио]?|[аеяи]лся|[аеяи]л[аи]сь|[аеиуя]ет|[аеиуя]ют|ит|ят)",
    "uk": r"[а-яіїєґ]+(?:[аеиіуюя](?:в|ла|ли)|[аеиіуюя](?:вся|лася|лися)|[аиіуюя]є|[аиіуюя]ють|ить|ять)",
}
"""Forms of a verb in which somebody says something, by their endings."""
_PARTICIPLES = (
    "erklärt|gesagt|berichtet|mitgeteilt|geschrieben|gemeldet|bestätigt|betont|behauptet|geäußert|widersprochen|bestritten|gewarnt|kritisiert|"
    "gefordert|angekündigt|versichert|eingeräumt|zurückgewiesen|angegeben|ausgesagt|geschildert|erzählt|beklagt|dementiert|versprochen|verlangt"
)


@cache
def patterns_of(language: str) -> Patterns:
    data = tomllib.loads((resources.files("comparison") / "data" / "speakers.toml").read_text(encoding="utf-8"))
    words = {name: table[language] for name, table in data.items()}
    verbs, according = f"(?i:{words['verbs']})", f"(?i:{words['according']})"
    source = _GERMAN if language == "de" else _WHO
    # Behind its subject a verb has no capital ("the United States"), and no article or genitive stands right before it ("the claim").
    spoken = rf"{_NO_NOUN}(?:{words['verbs']})"
    inverted = rf"(?!(?i:{words['never_inverted']})(?![\w-])){verbs}"
    named = [
        # "Reuters, citing the governor, …": who is cited is who says it; but "… broke off the talks, citing costs".
        rf"(?<![\w-])(?!citing\b)(?i:{words['citing']})\s+{source}(?=\s+{verbs}(?![\w-])|\s+(?:as|with)\s|\s*[,.;:!?\"”»]|$)",
        rf"(?<![\w-])citing\s+{source}(?=\s*,\s*(?:{ADVERB})?{spoken}(?![\w-]))",
        rf"\b(?:report|said|says|wrote|told|announc)\w*\b[^.;]*\bciting\s+{source}{_END}",
        # "Об этом заявил мэр на брифинге."
        rf"^\W*(?i:об этом|про це)\s+{verbs}\s+{_WHO}{_TAIL[language]}",
        # "According to the clerk, …"; "…, according to the clerk."
        rf"(?:^|[,–—-]\s)\W*{according}\s+{source}{_END if language != 'de' else ''}",
        # "…”, the clerk was quoted as saying."
        rf"(?:^|{_CLOSING})\W*{_WHO}\s+(?:was|were)\s+quoted\s+as\s+saying",
        # "The town's clerk, Ann Roe, says that …"; "The editor of the paper that he worked for, Ann Roe, supposed …"
        (rf"^(?!{_CAP} {_CAP},)" if language == "de" else "^")
        + rf"\W*(?:[^.;:\"“”«»]|«[^»]{{1,40}}»){{3,140}},\s{_FULL_NAME},?\s(?:{_AUXILIARY})?(?:{ADVERB})?{spoken}(?![\w-])",
        # "…, but General Ann Roe, head of the staff, told reporters …"
        rf",\s(?:but|and|while|aber|und|но|а|але)\s{_FULL_NAME},[^,.;:\"“”«»]{{2,80}},\s{spoken}(?![\w-])",
        # "In a letter, the commission, which keeps the rolls, warned …"
        *(
            []
            if language == "de"
            else [rf"^\W*[^,.;:\"“”«»]{{3,80}},\s(?P<who>[^,.;:\"“”„«»()]{{2,60}}?),[^,.;:\"“”«»]{{2,140}},\s{spoken}(?![\w-])"]
        ),
        # "Residents of Ash, Elm and Oak say that …"
        rf"^\W*(?P<who>[^,.;:\"“”«»]{{3,60}})(?:, {_CAP}(?: {_CAP})*){{1,6}},? (?:and|und|и|та|і|й) {_CAP}(?: {_CAP})* {spoken}(?![\w-])",
        # "The clerk, a lawyer, says that …"
        rf"^\W*{_WHO},[^,.;:\"“”«»]{{2,140}},\s+(?:{_AUXILIARY})?{spoken}(?![\w-])",
        # "Ann Roe, head of the school in Orlitz says that …": the name first, whatever stands behind it.
        rf"^\W*(?P<who>{_CAP} {_CAP}),\s[^,.;:\"“”«»]{{3,90}}?\s{spoken}(?![\w-])",
        # "Ann Roe from the county's river trust says that …"
        rf"^\W*{_FULL_NAME}\s(?:from|of|at|with|aus|von|vom|из|от|с|із|зі|від|з)\s[^,.;:\"“”«»]{{3,90}}?\s{spoken}(?![\w-])",
        # "Wie die Staatsanwaltschaft mitteilte, …"; "Як з'ясували журналісти, …"
        rf"^\W*(?i:as|wie|как|як)\s+{_WHO}\s+{spoken}(?=,)",
        rf"^\W*(?i:as|wie|как|як)\s+{verbs}\s+{_WHO}(?=,)",
        # "Such figures are given by …": the verb second, the speaker last.
        rf"^\W*(?i:такие|эти|такі|ці|solche|diese)\s+\w+\s+{verbs}\s+{_WHO}{_END}",
        # "…, said the town's clerk, Ann Roe."; "Dem widersprach die Leiterin, Anna Roth."
        rf"(?:{_CLOSING}|^\W*[^,.;:„“\"]{{2,70}}\s){inverted}\s+(?:the|a|an|its|their|der|die|das|ein|eine|seine|ihre)\s[^,.;:\"“”]{{3,80}},\s{_FULL_NAME}(?=[,.;]|$)",
        # "…”, says the clerk."; "…, so ein Sprecher."; "…, wie Recherchen des Senders zeigen."
        rf"{_CLOSING}{inverted}\s+{_WHO}{_TAIL[language] if language in ('ru', 'uk') else _END}",
        rf"{_CLOSING}(?:such as|as|wie|so|як|как)\s+(?P<who>[^,.;:]{{3,60}}?)\s+{verbs}{_END}",
        # "On Monday said the clerk": what stood before the verb told the time.
        rf"^\s{{4,}}{inverted}\s+{source}{_END if language != 'de' else ''}",
        # "The clerk says that …"
        rf"^\W*(?:{_LINK[language]})?{_WHO}\s+{spoken}(?![\w-])",
        # "In parliament on Monday, Roe explained …"; "Отвечая на вопрос, свидетель признал …"; German puts the verb first there.
        *(
            []
            if language == "de"
            else [
                rf"^\W*[^,.;:\"“”«»]{{3,80}},\s(?P<who>[^,.;:\"“”„«»()]{{2,60}}?)\s"
                rf"(?:{_AUXILIARY})?(?:{ADVERB})?{spoken}(?![\w-])"
            ]
        ),
        # "The statements were confirmed by the clerk."
        rf"(?<![\w-])(?i:{words['passive']})\s+{_WHO}{_END}",
        # "…, two observers told the Courier."; "…, officials said, as …"
        *([] if language == "de" else [rf",\s{_WHO}\s+{spoken}(?:(?![\w-])[^,;]*$|\s*,)"]),
    ]
    # Beside direct speech any verb is one of saying: "…”, sighed Ann Roe."
    with_what = r"(?:[а-яёіїєґ]+(?:ами|ями|ою|ею|ом|ем)\s+)?" if language in ("ru", "uk") else ""
    named += [rf"{_QUOTE_END[language]}(?:{_ANY_VERB[language]})\s+{with_what}(?:{ADVERB})?{source}{_TAIL[language]}"]
    if language == "en":
        named += [
            rf"{_QUOTE_END[language]}{_WHO}\s+(?:{_ANY_VERB[language]}){_END}",
            rf"{_QUOTE_END[language]}{_WHO}\s+(?:{_AUXILIARY})?(?:{ADVERB})?{spoken}(?![\w-])",
            rf"{_QUOTE_END[language]}{_FULL_NAME},[^,.;:\"“”]{{2,140}},\s+{spoken}(?![\w-])",
        ]
    if language == "en":
        # "Roe supported the plan, saying that …"
        named.append(
            rf"^\W*(?P<who>{_CAP}(?: {_CAP}){{0,3}}|(?:The|A|An) (?:[a-z'’-]+ ){{0,3}}?[a-z'’-]+) (?:{_AUXILIARY})?(?:{ADVERB})?"
            r"[a-z]+(?:ed|en|s)\b"
            r"[^\"“”;]{3,160}, (?:saying|adding|claiming|arguing|telling|noting|insisting|warning|writing|explaining|stressing)\b"
        )
    # A colon before direct speech: whoever the clause is about says it, whatever its verb.
    named.append(
        rf"^\W*(?!(?:Den|Dem|Des)\s)(?:{_LINK[language]})?{_WHO}\s(?:не )?(?:{_ANY_VERB[language]})(?:\s[^:\"“”„«»]{{1,80}})?:\s*[\"“„«]"
    )
    named += [
        # "Ann Roe (52): “…”"
        rf"^\W*(?!(?:The|Der|Die|Das|Ein|Eine|Sein|Seine|Ihr|Ihre) [\w-]+\s*:)(?P<who>(?:[^\W\d_]+ ){{0,5}}{_CAP}(?: {_CAP}){{1,3}})"
        r"(?:, \d+,?)?\s*:\s*[\"“„«]",
        # "«…», — Ann Roe, a teacher."
        rf"[\"“”»][,.]?\s*[–—-]\s*{_FULL_NAME}(?=\s[–—-]\s|,|\.?\s*$)",
    ]
    if language == "de":
        named.insert(6, rf",\sso\s{_GERMAN}{_TAIL[language]}")
        named.insert(7, rf"^\W*{_GERMAN}\s+zufolge\b")
        # "Nach Behördenangaben", "nach UN-Angaben"
        named.insert(8, r"(?<![\w-])(?i:nach)\s+(?P<who>[A-ZÄÖÜ]\w+?)-?(?i:angaben)\b")
        named.insert(9, rf"^\W*{_GERMAN}\s+[a-zäöüß]+\s(?=.*\bnach eigenen (?:Angaben|Worten|Aussagen)\b)")
        named += [
            # "Die Geräte sind laut Polizei betroffen"; "den Experten zufolge"; "nach Auffassung des Gerichts"
            rf"(?<![\w-])(?i:{words['according']})\s+(?:(?:von|der|des|den|dem)\s+)?{_GERMAN}",
            rf"(?<![\w-])(?:den\s)?{_GERMAN}\s+zufolge\b",
            # "Nach „Tagblatt“-Informationen"; "nach Tagblatt-Recherchen"
            r"(?i:nach)\s+[„“\"]?(?P<who>[A-ZÄÖÜ][\w.]*(?: [A-ZÄÖÜ]\w+)?)[“”\"]?-(?:Informationen|Recherchen|Angaben|Berichten)\b",
            # "hieß es in einer Mitteilung der Polizei"; "In einem Artikel des Portals Wort hieß es"
            rf"(?:heißt|hieß)\s+es\s+(?:\w+\s)?(?:von|bei|aus|in|seitens|beim|im)\s+{_GERMAN}",
            rf"^\W*(?i:in|aus)\s+{_GERMAN}\s+(?:heißt|hieß)\s+es\b",
            # "Am Abend hatte die Polizei erklärt, …"; "Angehörige hatten früh widersprochen"
            rf"^(?:\s{{4,}}|\W*(?=(?i:{words['never']})(?![\w-]))[^,.;:„“\"]{{2,60}}?\s)(?:hat|haben|hatte|hatten)\s+{_GERMAN}\s+"
            rf"(?:[\w-]+\s){{0,3}}(?:{_PARTICIPLES})(?=[,.:])",
            rf"^\W*{_GERMAN}\s+(?:hat|haben|hatte|hatten)\s[^,.;:]{{0,60}}?(?:{_PARTICIPLES})(?=[,.:]|\sund\s)",
            # "Das hält das Gericht für plausibel."
            rf"\s(?:hält|halten|hielt|hielten)\s+{_GERMAN}\s+(?:es\s|dies\s)?für\s",
            rf"^\W*(?=(?:Den|Dem|Die|Das|Auf|Für|Mit|Zu|Als)\s)[^:„“\"]{{2,80}}?\s(?:{_ANY_VERB['de']})\s+{_GERMAN}[^:„“\"]{{0,60}}:\s*[\"„“]",
            # The verb stands second, behind whatever is no subject: "Kurz nach acht warnt die Polizei: …"
            rf"^\W*(?=(?i:{words['never']})(?![\w-]))[^,.;:„“\"]{{2,70}}?\s{inverted}\s+{_GERMAN}(?=[,:]|\s)",
        ]
    if language == "en":
        # "According to Ann the best time is …": no comma behind a bare name.
        named.append(r"^\W*(?i:according)\s+to\s+(?P<who>[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+){0,3})\s(?=[a-z])")
    if language in ("ru", "uk"):
        # "…, приводит газета слова мэра."
        named.insert(0, rf"(?<![\w-])(?:привод(?:ит|ят)|навод(?:ить|ять))\s[^,.;]{{2,60}}?\s(?:слова|цитату)\s{_WHO}{_END}")
        # "У коментарі «Кур'єру» директор порту назвав …"
        named.append(
            r"^\W*(?i:в|у|во)\s(?:коментарі|інтерв.ю|розмові|бесіді|ефірі|комментарии|интервью|разговоре|беседе|эфире)\s(?:(?:с|з|для|із)\s)?"
            rf"(?:\w+\s)?(?:«[^»]{{2,40}}»|{_CAP}(?: {_CAP})*)\s{_WHO}\s{spoken}(?![\w-])"
        )
        # "О потере первой написала газета": who was first stands last.
        named.append(rf"(?<![\w-])(?i:перв(?:ым|ой|ыми)|перш(?:им|ою|ими))\s+(?:\w+\s+){{0,4}}?{verbs}\s+{_WHO}{_TAIL[language]}")
        # "…, повідомило місцеве видання." at the very end: what stands between commas before it is no speaker.
        named.insert(3, rf",\s(?i:повідом\w+|переда\w+|пиш\w+|сообщ\w+|заяви\w+|розпов\w+|рассказ\w+)\s+{_WHO}\s*\.?$")
    if words["plural"]:
        named.append(rf"^\W*(?:Об этом|Про це)\s+(?i:{words['plural']})\s+(?i:в|во|у)\s+{_WHO}{_TAIL[language]}")
        # "В полиции сообщили, что …"; "…, повідомили у прокуратурі."
        place, plural = r"(?i:в|во|у)", f"(?i:{words['plural']})"
        named.append(rf"^\W*{place}\s+{_WHO}\s+(?:(?i:{words['object']})\s+(?:\w+\s+)?)?{plural}(?![\w-])")
        named.append(rf"{_CLOSING}{plural}\s+{place}\s+{_WHO}{_END}")
    pronouns = f"(?i:{words['pronouns']})"
    pronoun = [
        # "…”, she sighed"; "…“, seufzt sie"; beside direct speech any verb is one of saying.
        rf"{_QUOTE_END[language]}(?!who\b){pronouns}\s+(?:{_ANY_VERB[language]})(?![\w-])",
        *([] if language == "en" else [rf"{_QUOTE_END[language]}(?:{_ANY_VERB[language]})\s+{pronouns}(?![\w-])"]),
        *([r"^\W*(?:Speaking|Talking|Writing)\b[^,.;:]{2,80},\s(?:he|she|they)\b"] if language == "en" else []),
        # "At the same time she defends the plan: “…”"
        rf"^\W*[^,.;:„“”«»\"]{{2,60}}\s(?!(?:who|it|es|that|то)\b){pronouns}(?:\s[^:\"“”„«»]{{1,80}})?:\s*[\"“„«]",
        rf"(?<![\w-])(?i:{words['according_pronoun']})",
        rf"{_CLOSING}{verbs}\s+{pronouns}(?![\w-])",
        rf"(?:^|{_CLOSING})\W*(?!who\b){pronouns}\s+(?:[\w-]+\s)?{verbs}(?![\w-])",
        # "In an interview with the Courier he said …"; "Im Gespräch mit uns sagte sie …"
        rf"^\W*(?=(?i:{words['never']})(?![\w-]))[^,.;:„“”«»\"]{{3,80}}?\s(?!who\b){pronouns}\s+(?:{ADVERB})?{verbs}(?![\w-])",
    ]
    if language != "en":
        pronoun.append(rf"^\W*(?=(?i:{words['never']})(?![\w-]))[^,.;:„“”«»\"]{{3,80}}?\s{verbs}\s+{pronouns}(?![\w-])")
    return Patterns(
        named=tuple(re.compile(pattern) for pattern in named),
        pronoun=tuple(re.compile(pattern) for pattern in pronoun),
        never=re.compile(rf"(?i:{words['never']})(?![\w-])"),
        clause=re.compile(rf"(?<![\w-])(?i:{words['clause']})(?![\w-])"),
        pronouns=re.compile(rf"{pronouns}$"),
        recipient=re.compile(rf"(?<=\s)(?:{words['recipient']})(?![\w-])"),
        prepositions=re.compile(words["prepositions"]),
        # German puts the speaker between the verb and those who are told.
        told=re.compile(rf"(?<![\w-]){verbs}{'(?: [^,.;:“”]{3,60})?' if language == 'de' else ''}$"),
    )
