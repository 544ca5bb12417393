"""What the clients ask of the product: one line for each call, and a look at the database from beside the server."""

import subprocess
import time

QUERY = "SELECT * FROM orders WHERE customer = 7"
WIDE = "repeat(chr(233), 700)"


class Call:
    """One call of a tool. A function among the arguments gets what the calls before it have answered, by tool."""

    def __init__(self, tool, may_fail=False, **arguments):
        self.tool, self.may_fail, self.given = tool, may_fail, arguments

    def arguments(self, seen):
        return {name: value(seen) if callable(value) else value for name, value in self.given.items()}


# Every tool stands here at least once; a test fails when one does not. The statistics of a test's server are nobody's:
# there may be no statement in them that is worth advice.
CALLS = [
    Call("list_connections"),
    Call("server_info"),
    Call("db_identity"),
    Call("list_schemas", include_system=True),
    Call("list_objects", schema="public", kind="table"),
    Call("describe_table", table="public.orders"),
    Call("get_object_details", object_name="orders"),
    Call("get_foreign_keys", table="orders"),
    Call("find_relationships", table="orders"),
    Call("query", sql="SELECT count(*) FROM orders WHERE id < $1", parameters=[10]),
    # As many bytes as an answer may have.
    Call("query", sql=f"SELECT g, {WIDE} FROM generate_series(1, 800) AS g"),
    Call("query", sql="SELECT g, 'größe ' || g FROM generate_series(1, 30) AS g", max_rows=20),
    Call("query", sql="SELECT g, 'größe ' || g FROM generate_series(1, 30) AS g", max_rows=20,
         cursor=lambda seen: seen["query"]["next_cursor"]),
    Call("execute_sql", sql="SELECT 1"),
    Call("explain_query", sql=QUERY, hypothetical_indexes=[{"table": "orders", "columns": ["customer"]}]),
    Call("get_top_queries", may_fail=True, sort_by="total_time", limit=3),
    Call("analyze_query_indexes", queries=[QUERY], max_index_size_mb=100),
    Call("analyze_workload_indexes", may_fail=True),
    Call("analyze_db_health", health_type="index,vacuum,sequence"),
    # Not waited for, it becomes a job, whose status is at last what the call would have answered.
    Call("analyze_db_health", wait_seconds=0),
    Call("job_status", job_id=lambda seen: seen["analyze_db_health"]["job"]["id"], wait_seconds=50),
    Call("job_cancel", job_id=lambda seen: seen["job_status"]["job"]["id"]),
    Call("write_data", sql="DELETE FROM orders WHERE id = 1"),
    Call("run_ddl", sql="CREATE TABLE IF NOT EXISTS made (id integer)"),
    # The same when it takes long enough to be a stream, whose events some clients take up to 1 MB of.
    Call("run_admin", sql=f"SELECT g, {WIDE}, pg_sleep(0.002 + 0 * g) FROM generate_series(1, 800) AS g"),
]
GRANTS = ["--grant", "write", "--grant", "ddl", "--grant", "admin"]
# Of the tools that more grants bring, beside those that everybody who may read has.
GRANTED = {"write_data", "run_ddl", "run_admin"}


class Database:
    """The database, seen by psql."""

    def __init__(self, url, psql):
        self.url, self.psql = url, psql

    def ask(self, sql):
        command = [self.psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def running(self, text):
        """How many backends run a statement with this in it."""
        # The statement that asks has the text in it too.
        return int(self.ask(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
            f" AND strpos(query, '{text}') > 0"
        ))

    def wait_for(self, text, count, seconds):
        """Until so many backends run it; the time that took."""
        before = time.monotonic()
        while self.running(text) != count:
            assert time.monotonic() - before < seconds, f"{text}: not {count} within {seconds} s"
            time.sleep(0.02)
        return time.monotonic() - before
