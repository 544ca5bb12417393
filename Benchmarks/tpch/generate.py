#!/usr/bin/env python3
"""TPC-H data as CSV, by the generator inside the wheel duckdb 1.1.3 (MIT; the last that bundles it).

usage: generate.py SCALE DIRECTORY
"""
import os
import sys

import duckdb

scale, directory = sys.argv[1:]
os.makedirs(directory, exist_ok=True)
tables = duckdb.connect()
tables.execute("LOAD tpch")
tables.execute(f"CALL dbgen(sf={float(scale)})")
for (table,) in tables.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall():
    tables.execute(f"COPY {table} TO '{directory}/{table}.csv' (HEADER false, DELIMITER '|', NULL '', QUOTE '\"')")
