"""Starts `pgadvisor serve` on a free port for scripts, and sees that it leaves as it should."""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time


class Served:
    """A running server: `url` is its root, `lines` what it has written to standard error."""

    def __init__(self, program, arguments, environment):
        self.lines = []
        self.listening = threading.Event()
        command = [program, "serve", *arguments, "--http", "127.0.0.1:0"]
        self.child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        )
        threading.Thread(target=self.read, daemon=True).start()
        assert self.listening.wait(20) and self.url, self.lines

    url = None

    def read(self):
        for line in self.child.stderr:
            self.lines.append(line.decode().rstrip("\n"))
            found = re.search(r"listening on (\S+)", self.lines[-1])
            if found:
                self.url = found[1]
                self.listening.set()
        self.listening.set()

    @property
    def mcp(self):
        return self.url + "/mcp"

    @property
    def sse(self):
        return self.url + "/sse"

    def end(self):
        """As an operator ends it: what still runs may finish, new work may not begin. The time that took."""
        before = time.monotonic()
        if self.child.returncode is not None:
            return 0
        self.child.send_signal(signal.SIGTERM)
        written, _ = self.child.communicate(timeout=20)
        assert self.child.returncode == 0, (self.child.returncode, self.lines)
        assert not written, ("on standard output", written)
        return time.monotonic() - before


@contextlib.contextmanager
def serving(program, *arguments, **variables):
    served = Served(program, arguments, {**os.environ, **variables})
    try:
        yield served
        served.end()
    finally:
        served.child.kill()
