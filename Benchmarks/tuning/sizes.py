#!/usr/bin/env python3
"""Sizes of B-trees as built, beside pgadvisor's model and HypoPG's: quantiles of model / built.

usage: sizes.py INDEX_SIZES URL CACHE_FILE [SMALLEST_BYTES]

Of each table that is large enough: every column, and pairs, triples and INCLUDE drawn with a fixed seed. Each index is
built in a transaction that is rolled back; built sizes are kept in CACHE_FILE, for that takes minutes.
"""
import json
import os
import random
import subprocess
import sys

import psycopg2

program, url, kept = sys.argv[1:4]
smallest = int(sys.argv[4]) if len(sys.argv) > 4 else 1_000_000
numbers = random.Random(17)
connection = psycopg2.connect(url)
cursor = connection.cursor()
cursor.execute("SET maintenance_work_mem = '256MB'")
cursor.execute("SET max_parallel_maintenance_workers = 0")
connection.commit()


def drawn():
    """(table, keys, included)"""
    cursor.execute("""SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
        WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND c.relnamespace = 'public'::regnamespace
          AND c.reltuples * 16 >= %s AND t.typcategory <> 'A' AND t.typname NOT IN ('json', 'xml', 'point')
        GROUP BY c.relname ORDER BY 1""", (smallest,))
    found = []
    for table, columns in cursor.fetchall():
        singles = [[column] for column in columns]
        pairs = [numbers.sample(columns, 2) for _ in range(min(10, len(columns) * 2))]
        triples = [numbers.sample(columns, 3) for _ in range(5)] if len(columns) > 2 else []
        found += [(table, keys, []) for keys in singles + pairs + triples]
        if len(columns) > 3:
            found += [(table, names[:1], names[1:]) for names in (numbers.sample(columns, 3) for _ in range(2))]
    unique = []
    for one in found:
        if one not in unique:
            unique.append(one)
    return unique


def statement(index):
    table, keys, included = index
    return f"CREATE INDEX ON {table} ({', '.join(keys)})" + (f" INCLUDE ({', '.join(included)})" if included else "")


def built(index):
    """Bytes as built, or None where an entry is too wide; HypoPG's guess."""
    try:
        cursor.execute(statement(index))
        cursor.execute("""SELECT pg_relation_size(i.indexrelid) FROM pg_index i WHERE i.indrelid = %s::regclass
            ORDER BY i.indexrelid DESC LIMIT 1""", (index[0],))
        size = cursor.fetchone()[0]
        connection.rollback()
        cursor.execute("SELECT hypopg_relation_size(indexrelid) FROM hypopg_create_index(%s)", (statement(index),))
        guess = cursor.fetchone()[0]
        cursor.execute("SELECT hypopg_reset()")
        return size, guess
    except psycopg2.errors.ProgramLimitExceeded:
        return None
    finally:
        connection.rollback()


def quantiles(name, ratios):
    ratios = sorted(ratios)
    if not ratios:
        return
    at = lambda share: ratios[min(len(ratios) - 1, int(share * len(ratios)))]
    within = lambda bound: sum(abs(ratio - 1) <= bound for ratio in ratios) / len(ratios)
    print(f"| {name} | {len(ratios)} | {ratios[0]:.2f} | {at(.1):.2f} | {at(.5):.3f} | {at(.9):.2f} | {ratios[-1]:.2f} "
          f"| {within(.05):.0%} | {within(.1):.0%} |")


known = json.load(open(kept)) if os.path.exists(kept) else {}
indexes = drawn()
for index in indexes:
    if statement(index) not in known:
        known[statement(index)] = built(index)
        json.dump(known, open(kept, "w"))
lines = "".join(f"{table}|{','.join(keys)}|{','.join(included)}\n" for table, keys, included in indexes)
answer = subprocess.run([program, url], input=lines, capture_output=True, text=True, check=True).stdout.split()
rows = [(index, *known[statement(index)], int(model)) for index, model in zip(indexes, answer)
        if known[statement(index)] and model != "-" and known[statement(index)][0] >= smallest]
print("| index | count | least | p10 | median | p90 | most | within 5 % | within 10 % |")
print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
kinds = {"one column": lambda i: len(i[1]) == 1 and not i[2], "two": lambda i: len(i[1]) == 2,
         "three": lambda i: len(i[1]) == 3, "with INCLUDE": lambda i: bool(i[2]), "all": lambda i: True}
for kind, belongs in kinds.items():
    quantiles(kind, [model / size for index, size, _, model in rows if belongs(index)])
quantiles("all, HypoPG", [guess / size for _, size, guess, _ in rows])
print(f"\nwithout an answer: {sum(model == '-' for model in answer)} of {len(answer)}")
if os.environ.get("MISSES"):
    for index, size, guess, model in sorted(rows, key=lambda row: -abs(row[3] / row[1] - 1))[:int(os.environ["MISSES"])]:
        print(f"{model / size:.3f} {statement(index)}: built {size}, model {model}")
