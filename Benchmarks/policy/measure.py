"""Times TPC-H queries as the policy rewrites them beside the same over views, and judging with and without the policy."""

import json
import pathlib
import re
import statistics
import subprocess
import sys

advisor, config, psql, url, queries, runs = sys.argv[1:]


def judged(text):
    command = [advisor, "policy", "test", "--config", config, "--measure", "--json", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return json.loads(done.stdout)


def milliseconds(text, path):
    script = (
        f"SET search_path = {path}; SET jit = off; SET statement_timeout = '120s';\n"
        f"\\o /dev/null\n\\timing on\n{text}\n;\n"
    )
    command = [psql, "-X", "-q", "-d", url, "-v", "ON_ERROR_STOP=1"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=True)
    return float(re.findall(r"Time: ([0-9.]+) ms", done.stdout)[-1])


print(f"{'query':6} {'rewritten ms':>13} {'views ms':>10} {'ratio':>6} {'policy µs':>10} {'without µs':>11}  fence")
rows = []
for file in sorted(pathlib.Path(queries).glob("*.sql")):
    text = file.read_text().rstrip().rstrip(";")
    answer = judged(text)
    if answer["rewritten"] is None:
        print(f"{file.stem:6} {answer['rule']}: {answer['message']}")
        continue
    ours, theirs = [], []
    for _ in range(int(runs)):
        ours.append(milliseconds(answer["rewritten"], "public"))
        theirs.append(milliseconds(text, "masked, public"))
    times = answer["microseconds"]
    rows.append((min(ours), min(theirs), times["with_policy"], times["without"]))
    print(
        f"{file.stem:6} {min(ours):13.1f} {min(theirs):10.1f} {min(ours) / min(theirs):6.2f}"
        f" {times['with_policy']:10.1f} {times['without']:11.1f}  {'yes' if answer['fenced'] else ''}"
    )
ours, theirs = sum(row[0] for row in rows), sum(row[1] for row in rows)
extra = statistics.median(row[2] - row[3] for row in rows)
print(f"\nall {len(rows)}: {ours:.0f} ms rewritten, {theirs:.0f} ms with views, ratio {ours / theirs:.2f} (bar 1.2)")
print(f"the policy adds {extra:.0f} µs to judging the median statement (bar 200)")
