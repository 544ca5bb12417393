#!/usr/bin/env python3
"""TPC-H or TPC-DS data as CSV, and the texts of TPC-DS, by the generators inside the wheel duckdb 1.1.3 (MIT; the last
that bundles them).

usage: generate.py tpch|tpcds SCALE DIRECTORY
"""
import os
import sys

import duckdb

kind, scale, directory = sys.argv[1:]
os.makedirs(f"{directory}/queries", exist_ok=True)
tables = duckdb.connect()
tables.execute(f"LOAD {kind}")
tables.execute(f"CALL {'dbgen' if kind == 'tpch' else 'dsdgen'}(sf={float(scale)})")
for (table,) in tables.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall():
    tables.execute(f"COPY {table} TO '{directory}/{table}.csv' (HEADER false, DELIMITER '|', NULL '', QUOTE '\"')")
for number, text in tables.execute(f"SELECT query_nr, query FROM {kind}_queries()").fetchall():
    with open(f"{directory}/queries/{number:02d}.sql", "w") as file:
        file.write(text.strip() + "\n")
