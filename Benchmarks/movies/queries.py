#!/usr/bin/env python3
"""113 joins of 4 to 17 relations over the films, in the manner of the Join Order Benchmark: 33 shapes, each with two to six
sets of constants.

usage: queries.py DIRECTORY
"""
import pathlib
import random
import sys

# What hangs on a film, or on what hangs on it: alias, table, join, and conditions of which one is taken.
PARTS = {
    "fk": ("film_kind", "fk.id = f.kind_id", ["fk.kind = 'movie'", "fk.kind IN ('movie', 'episode')", "fk.kind <> 'game'"]),
    "kw": ("film_keyword", "kw.film_id = f.id", [""]),
    "k": ("keyword", "k.id = kw.keyword_id", ["k.keyword = 'sequel'", "k.keyword IN ('murder', 'revenge', 'blood', 'violence')",
                                              "k.keyword LIKE '%love%'", "k.keyword = 'character name in title'"]),
    "fc": ("film_company", "fc.film_id = f.id", ["", "fc.note LIKE '%(USA)%'", "fc.note IS NULL",
                                                 "fc.note NOT LIKE '%(TV)%' AND fc.note LIKE '%(worldwide)%'"]),
    "c": ("company", "c.id = fc.company_id", ["c.country = '[us]'", "c.country <> '[pl]' AND c.name LIKE '%Film%'",
                                              "c.country = '[de]'", "c.name LIKE 'Warner%'"]),
    "ck": ("company_kind", "ck.id = fc.kind_id", ["ck.kind = 'production'", "ck.kind <> 'production'", ""]),
    "i": ("film_info", "i.film_id = f.id", ["i.info IN ('Drama', 'Horror', 'Western')", "i.info = 'USA'",
                                            "i.info IN ('Sweden', 'Norway', 'Germany', 'Denmark')", "i.note LIKE '%internet%'",
                                            "i.info LIKE 'USA:201%'", "i.info IS NOT NULL"]),
    "ik": ("info_kind", "ik.id = i.kind_id", ["ik.info = 'countries'", "ik.info = 'genres'", "ik.info = 'release dates'"]),
    "x": ("film_figure", "x.film_id = f.id", ["x.info > '8.0'", "x.info < '3.0'", "", "x.info BETWEEN '5.0' AND '7.5'"]),
    "xk": ("info_kind", "xk.id = x.kind_id", ["xk.info = 'rating'", "xk.info = 'votes'"]),
    "p": ("film_cast", "p.film_id = f.id", ["", "p.note = '(voice)'", "p.note IN ('(writer)', '(producer)')",
                                            "p.note LIKE '%(uncredited)%'"]),
    "n": ("person", "n.id = p.person_id", ["n.gender = 'f' AND n.name LIKE '%An%'", "n.name LIKE 'B%'", "n.gender = 'm'",
                                           "n.name_code LIKE 'D%'"]),
    "j": ("job", "j.id = p.job_id", ["j.job = 'actress'", "j.job = 'writer'", "j.job = 'actor'"]),
    "ch": ("character", "ch.id = p.character_id", ["", "ch.name = 'Queen'", "ch.name LIKE '%Man%'"]),
    "na": ("person_alias", "na.person_id = n.id", ["", "na.name LIKE '%a%'"]),
    "pi": ("person_info", "pi.person_id = n.id", ["pi.note = 'Volker Boehm'", ""]),
    "pk": ("info_kind", "pk.id = pi.kind_id", ["pk.info = 'biography'", "pk.info = 'rating'"]),
    "fa": ("film_alias", "fa.film_id = f.id", [""]),
    "cc": ("cast_complete", "cc.film_id = f.id", [""]),
    "s": ("cast_state", "s.id = cc.subject_id", ["s.state = 'cast'", "s.state = 'crew'"]),
    "e": ("cast_state", "e.id = cc.state_id", ["e.state = 'complete'", "e.state LIKE 'verif%'"]),
    "l": ("film_link", "l.film_id = f.id", [""]),
    "lk": ("link_kind", "lk.id = l.kind_id", ["lk.link LIKE '%follow%'", "lk.link IN ('remake of', 'features')"]),
    "o": ("film", "o.id = l.other_id", ["o.year > 2000", ""]),
    "ox": ("film_figure", "ox.film_id = o.id", ["ox.info < '3.5'", ""]),
    "oc": ("film_company", "oc.film_id = o.id", [""]),
    "od": ("company", "od.id = oc.company_id", ["od.country = '[us]'", ""]),
}
SHAPES = """fc ck x xk|kw k|i kw k|i x xk kw k|fc ck i ik|kw k p n|p n na pi pk l lk|p n na j fc c|p ch n na j fc c|p ch j fc c ck
fc c ck kw k l lk|fc c ck i ik x xk|fc c ck i ik x xk fk|i ik x xk kw k fk|fc c ck i ik kw k fa|p n na kw k fc c|p n kw k fc c
p n i ik x xk|p ch n na j i ik fc c|p ch n kw k cc s e fk|fc c ck i kw k l lk|fc c ck i ik x xk kw k fk|cc s fc c ck i ik kw k fk
p ch n na j i ik kw k fc c|p n i ik x xk kw k|p ch n kw k cc s e x xk fk|fc c ck i kw k l lk cc s e
fc c ck i ik x xk kw k fk cc s e|p ch n na pi pk j i ik kw k fc c cc s e|p n i ik x xk kw k cc s e|p n i ik x xk kw k fc c
kw k l lk o|x xk l lk o ox oc od fc c fk""".replace("\n", "|").split("|")
FILM = ["f.year > 2005", "f.year BETWEEN 1990 AND 2010", "f.year > 1950 AND f.title LIKE 'Champion%'", "", "f.year >= 2020",
        "f.title LIKE '%Murder%'", "f.episode BETWEEN 5 AND 30"]


def query(shape, dice):
    aliases = shape.split()
    tables = ["film AS f"] + [f"{PARTS[alias][0]} AS {alias}" for alias in aliases]
    conditions = [PARTS[alias][1] for alias in aliases] + [dice.choice(PARTS[alias][2]) for alias in aliases]
    # Whoever hangs on the same film may as well be joined to each other.
    films = [alias for alias in aliases if f"{alias}.film_id = f.id" == PARTS[alias][1]]
    conditions += [f"{one}.film_id = {other}.film_id" for one, other in zip(films, films[1:])]
    conditions.append(dice.choice(FILM))
    wanted = ["min(f.title)"] + [f"min({alias}.{name})" for alias, name in
                                 (("n", "name"), ("c", "name"), ("i", "info"), ("x", "info"), ("ch", "name")) if alias in aliases]
    return (f"SELECT {', '.join(wanted)}\nFROM {', '.join(tables)}\nWHERE "
            + "\n  AND ".join(condition for condition in conditions if condition) + ";\n")


directory = pathlib.Path(sys.argv[1])
directory.mkdir(parents=True, exist_ok=True)
left = 113
for number, shape in enumerate(SHAPES):
    dice = random.Random(number)
    share = min(left - 2 * (len(SHAPES) - number - 1), (3, 4, 3, 4, 3, 4)[number % 6]) if number < len(SHAPES) - 1 else left
    left -= share
    for variant in range(share):
        (directory / f"{number + 1:02}{chr(97 + variant)}.sql").write_text(query(shape, dice))
