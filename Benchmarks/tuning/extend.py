"""Extend, the strongest published advisor on these workloads, small and as published, for comparison.

Schlosser, Kossmann, Boissier: "Efficient Scalable Multi-Attribute Index Selection Using Recursive Strategies", ICDE 2019,
with the parameters of hyrise/index_selection_evaluation (a step must gain 0.3 %). Written from the paper; indexable are the
columns that a statement names, as whole words.
"""
import re


class Extend:
    def __init__(self, cursor, texts, columns_per_index):
        self.cursor, self.texts, self.width = cursor, texts, columns_per_index
        self.calls, self.costs, self.sizes = 0, {}, {}
        cursor.execute("""SELECT c.oid::regclass::text, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND c.relnamespace = 'public'::regnamespace
            ORDER BY 1, a.attnum""")
        columns = cursor.fetchall()
        words = [set(re.findall(r"[a-z_0-9]+", text.lower())) for text in texts]
        self.named = [{column for column in columns if column[1] in own} for own in words]
        self.columns = [column for column in columns if any(column in own for own in self.named)]

    def cost(self, query, indexes):
        """Only indexes of which a column is named matter to a statement."""
        mine = frozenset(i for i in indexes if any((i[0], column) in self.named[query] for column in i[1]))
        if (query, mine) not in self.costs:
            self.cursor.execute("SELECT hypopg_reset()")
            for index in sorted(mine):
                self.create(index)
            self.cursor.execute("EXPLAIN " + self.texts[query])
            self.costs[query, mine] = float(self.cursor.fetchone()[0].split("..")[1].split(" ")[0])
            self.calls += 1
        return self.costs[query, mine]

    def create(self, index):
        self.cursor.execute(
            "SELECT hypopg_relation_size(indexrelid) FROM hypopg_create_index(%s)", (self.statement(index),))
        self.sizes[index] = self.cursor.fetchone()[0]

    def size(self, index):
        if index not in self.sizes:
            self.create(index)
        return self.sizes[index]

    @staticmethod
    def statement(index):
        return f"CREATE INDEX ON {index[0]} ({', '.join(index[1])})"

    def total(self, indexes):
        return sum(self.cost(query, indexes) for query in range(len(self.texts)))

    def choose(self, budget):
        chosen, current = [], self.total([])
        while True:
            best = None
            singles = [(table, (column,)) for table, column in self.columns]
            steps = [(None, index) for index in singles if index not in chosen]
            steps += [
                (old, (old[0], old[1] + index[1])) for old in chosen if len(old[1]) < self.width
                for index in singles if index[0] == old[0] and index[1][0] not in old[1]]
            for old, new in steps:
                indexes = [i for i in chosen if i != old] + [new]
                if sum(map(self.size, indexes)) > budget:
                    continue
                cost = self.total(indexes)
                grown = self.size(new) - (self.size(old) if old else 0)
                ratio = (current - cost) / max(grown, 1)
                if current > cost * 1.003 and (best is None or ratio > best[0]):
                    best = (ratio, indexes, cost)
            if best is None:
                return chosen
            _, chosen, current = best
