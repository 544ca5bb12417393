#!/usr/bin/env python3
"""What judging takes with pglast: parse, then a walker in Python that collects relations and function calls.

usage: walker.py FILE...
Prints one line a file: the name and the median of the microseconds of CPU time that parse and walk take.
"""

import statistics
import sys
import time

from pglast import parse_sql
from pglast.visitors import Visitor

ROUNDS = 31


class Names(Visitor):
    def __init__(self):
        self.relations, self.functions = set(), set()

    def visit_RangeVar(self, ancestors, node):
        self.relations.add((node.schemaname, node.relname))

    def visit_FuncCall(self, ancestors, node):
        self.functions.add(tuple(name.sval for name in node.funcname))


def judge(text):
    names = Names()
    for statement in parse_sql(text):
        names(statement)
    return names


def main(paths):
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        start = time.process_time()
        judge(text)
        calls = int(0.02 / max(time.process_time() - start, 1e-6)) + 1
        took = []
        for _ in range(ROUNDS):
            start = time.process_time()
            for _ in range(calls):
                judge(text)
            took.append((time.process_time() - start) / calls * 1e6)
        print(f"{path} {statistics.median(took):.2f}")


main(sys.argv[1:])
