"""Dates in four languages, completed by the day of publication."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comparison.dates import dates_meet, find_dates

PUBLISHED = datetime(2022, 11, 14, 9, 30, tzinfo=UTC)  # a Monday

CASES = [
    ("de", "am Donnerstag, dem zehnten, war er da", ["2022-11-10"]),  # the day in words alone
    ("uk", "у четвер, десятого, він був там", ["2022-11-10"]),
    ("en", "In September 8,000 men signed", ["2022-09"]),  # no 8 September
    ("de", "Der Pegel stand im Juni 9,70 Meter hoch.", ["2022-06"]),
    ("de", "auf einer Fläche von 2000 Quadratmetern, von 2014 bis 2019", ["2014", "2019"]),
    ("de", "am Mittwochabend", ["2022-11-09"]),
    ("de", "bis heute", []),
    ("en", "book on a Tuesday", []),
    ("de", "jeden Dienstag", []),
    ("de", "im Februar/März 2021", ["2021-02", "2021-03"]),
    ("de", "bis Freitag geschlossen", ["2022-11-11", "2022-11-18"]),  # either of two: tense is not read
    ("ru", "с позавчерашнего дня", ["2022-11-12"]),
    ("uk", "учорашнього вечора", ["2022-11-13"]),
    ("en", "between January and June 2021", ["2021-01", "2021-06"]),
    ("ru", "с января по июнь 2021 года", ["2021-01", "2021-06"]),
    ("en", "from 28 September to 3 October", ["2022-09-28/2022-10-03"]),
    ("ru", "с 28 сентября по 3 октября", ["2022-09-28/2022-10-03"]),
    ("de", "Ende Oktober", ["2022-10-19/2022-10-31"]),
    ("en", "in mid-September", ["2022-09-09/2022-09-22"]),
    ("uk", "на початку жовтня", ["2022-10-01/2022-10-12"]),
    ("ru", "в конце 2021 года", ["2021-09-01/2021-12-31"]),
    ("uk", "влітку 2022 року", ["2022-06-01/2022-08-31"]),
    ("en", "in the spring", ["2022-03-01/2022-05-31"]),
    ("de", "Winter 2021", ["2020-12-01/2021-02-28", "2021-12-01/2022-02-28"]),  # either of two
    ("en", "the spring in the mattress", []),
    ("ru", "в ночь на 16 ноября", ["2022-11-15/2022-11-16"]),
    ("de", "in der Nacht zum 16. November", ["2022-11-15/2022-11-16"]),
    ("ru", "двадцать третьего октября", ["2022-10-23"]),
    ("de", "am dritten November", ["2022-11-03"]),
    ("en", "the first of November", ["2022-11-01"]),
    ("en", "last Monday", ["2022-11-07"]),  # today is a Monday
    ("en", "last Sunday", ["2022-11-06", "2022-11-13"]),  # yesterday or a week before
    ("de", "am vergangenen Mittwoch", ["2022-11-09"]),
    ("ru", "в следующую среду", ["2022-11-16"]),
    ("en", "three days ago", ["2022-11-11"]),
    ("de", "vor zwei Jahren", ["2020"]),
    ("ru", "неделю назад", ["2022-11-07"]),
    ("uk", "два місяці тому", ["2022-09"]),
    ("en", "some days ago", []),
    ("ru", "в этом году", ["2022"]),
    ("de", "in diesem Monat", ["2022-11"]),
    ("en", "a magnitude of 4.2.", []),
    ("en", "On September 24, 2022 he signed.", ["2022-09-24"]),
    ("en", "on 24 September", ["2022-09-24"]),
    ("en", "the 24th of September", ["2022-09-24"]),
    ("en", "In September Putin tightened a law.", ["2022-09"]),
    ("en", "in December 2021", ["2021-12"]),
    ("en", "in December", ["2022-12"]),  # at most a month ahead: announcements look ahead
    ("en", "in January", ["2022-01"]),
    ("en", "They may march in May.", ["2022-05"]),
    ("en", "from 21 to 26 October", ["2022-10-21/2022-10-26"]),
    ("en", "on Friday", ["2022-11-11"]),
    ("en", "on Monday", ["2022-11-14"]),
    ("en", "yesterday", ["2022-11-13"]),
    ("en", "3 days ago", ["2022-11-11"]),
    ("en", "last week", ["2022-W45"]),
    ("en", "last month", ["2022-10"]),
    ("en", "last year", ["2021"]),
    ("en", "since 2014", ["2014"]),
    ("en", "2022-11-03", ["2022-11-03"]),
    ("en", "03/04/2022", ["2022"]),  # day first or month first: only the year is sure
    ("en", "24/09/2022", ["2022-09-24"]),
    ("en", "31 February", []),
    ("en", "250 people at 14:05", []),
    ("en", "the sun also rises", []),
    ("de", "am 24. September 2022", ["2022-09-24"]),
    ("de", "Am 3. und 4. November", ["2022-11-03", "2022-11-04"]),
    ("de", "im September", ["2022-09"]),
    ("de", "seit 24.09.2022", ["2022-09-24"]),
    ("de", "bis zum 24.09.", ["2022-09-24"]),
    ("de", "im Jahr 2014", ["2014"]),
    ("de", "vor 3 Tagen", ["2022-11-11"]),
    ("de", "am Freitag", ["2022-11-11"]),
    ("de", "im vergangenen Monat", ["2022-10"]),
    ("de", "gestern", ["2022-11-13"]),
    ("ru", "24 сентября 2022 года", ["2022-09-24"]),
    ("ru", "с 3 по 5 ноября", ["2022-11-03/2022-11-05"]),
    ("ru", "в сентябре", ["2022-09"]),
    ("ru", "в пятницу", ["2022-11-11"]),
    ("ru", "в 2014 году", ["2014"]),
    ("ru", "3 дня назад", ["2022-11-11"]),
    ("ru", "на прошлой неделе", ["2022-W45"]),
    ("ru", "накануне", ["2022-11-13"]),
    ("uk", "24 вересня", ["2022-09-24"]),
    ("uk", "у вересні", ["2022-09"]),
    ("uk", "у лютому", ["2022-02"]),
    ("uk", "лютий ворог", []),
    ("uk", "минулого тижня", ["2022-W45"]),
    ("uk", "у 2014 році", ["2014"]),
    ("uk", "торік", ["2021"]),
    ("en", "It fell on Thursday, 3 November, he said", ["2022-11-03"]),
    ("en", "It fell on Thursday, the 3rd, he said", ["2022-11-03"]),
    ("en", "On Thursday, 3 people fell", ["2022-11-10"]),
    ("de", "Am Donnerstag, dem 3. November, fiel er", ["2022-11-03"]),
    ("de", "Am Donnerstag, den 3., fiel er", ["2022-11-03"]),
    ("ru", "В четверг, 3 ноября, он упал", ["2022-11-03"]),
    ("ru", "В четверг, 3-го, он упал", ["2022-11-03"]),
    ("uk", "3 листопада, у четвер, він упав", ["2022-11-03"]),
    ("en", "The hearing is scheduled for March 26 at nine", ["2023-03-26"]),
    ("en", "The hearing was scheduled for March 26", ["2022-03-26"]),
    ("de", "Der Prozess ist für den 26. März anberaumt", ["2023-03-26"]),
    ("ru", "Заседание назначено на 15 марта", ["2023-03-15"]),
    ("uk", "Засідання відбудеться 15 березня", ["2023-03-15"]),
    ("uk", "Засідання було призначене на 15 березня", ["2022-03-15"]),
]


@pytest.mark.parametrize(("language", "text", "values"), CASES)
def test_dates_are_read(language: str, text: str, values: list[str]) -> None:
    found = find_dates(text, language, PUBLISHED)
    assert [mention.value for mention in found] == values
    assert all(text[mention.start : mention.end] == mention.text for mention in found)


def test_without_a_publication_date_the_year_stays_open() -> None:
    assert [mention.value for mention in find_dates("24 сентября, в октябре", "ru", None)] == ["--09-24", "--10"]


@pytest.mark.parametrize(
    ("left", "right", "meet"),
    [
        ("2022-09", "2022-09-24", True),
        ("2022-09", "2022-10-01", False),
        ("2022", "2022-09-24", True),
        ("2022-W38", "2022-09-24", True),
        ("2022-W38", "2022-09-26", False),
        ("--09", "2021-09-03", True),
        ("--09-24", "2022-09", True),
        ("--09-24", "2022-09-25", False),
        ("--09", "2021", True),
        ("2022-12", "2022-12-31", True),
    ],
)
def test_dates_meet_when_they_can_mean_one_day(left: str, right: str, meet: bool) -> None:
    assert dates_meet(left, right) is meet
    assert dates_meet(right, left) is meet
