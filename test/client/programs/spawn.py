"""Processes without the second and a half that each would take to import Prefect: forked from one that has done so.

That one is forked before the first scenario, while the program has no threads. What it forks reads its settings anew,
and ends as any Python does.
"""

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Callable

from prefect import context
from prefect.cli import app

PREFECT = str(Path(sys.executable).with_name("prefect"))
PLAIN = {"COLUMNS": "200", "NO_COLOR": "1", "PREFECT_CLI_COLORS": "false", "PREFECT_CLI_PROMPT": "false", "PYTHONUNBUFFERED": "1"}
COMMANDS = (
    "api artifact block concurrency_limit config deploy deployment events flow flow_run global_concurrency_limit profile server "
    "task task_run variable version work_pool work_queue worker"
)
_requests: socket.socket


def open_spawner() -> None:
    """To be called once all that the processes shall find has been imported and defined."""
    global _requests
    _requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sys.stdout.flush()
    if os.fork():
        theirs.close()
        return
    _requests.close()
    for name in COMMANDS.split():
        importlib.import_module(f"prefect.cli.{name}")
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, descriptors, _, _ = socket.recv_fds(theirs, 200_000, 3)
        if not request:
            os._exit(0)
        if not os.fork():
            theirs.close()
            _watch(json.loads(request), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _watch(request: dict, out: int, err: int, status: int) -> None:
    """Tells the process id, and what becomes of the process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if not pid:
        os.close(status)
        _become(request, out, err)
    os.write(status, f"{pid}\n".encode())
    _, ended = os.waitpid(pid, 0)
    os.write(status, f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)


def _become(request: dict, out: int, err: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, descriptor in enumerate((nothing, out, err)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    function, arguments = request["function"], request["arguments"]
    sys.argv = [PREFECT if function is None else sys.argv[0], *arguments]
    context.refresh_global_settings_context()
    code = 0
    try:
        app() if function is None else getattr(sys.modules["__main__"], function)(*arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    # As Python ends, but for the half second in which it takes all modules apart.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)


class Process:
    """Runs a command of Prefect's, or a function of the program; what it prints goes to a file."""

    def __init__(self, function: Callable | None, *arguments: str, env: dict | None = None, cwd: str | Path = "."):
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self._status, theirs = os.pipe()
        name = None if function is None else function.__name__
        variables = {key: value for key, value in {**os.environ, **PLAIN, **(env or {})}.items() if value is not None}
        whole = {"function": name, "arguments": arguments, "env": variables, "cwd": str(cwd)}
        socket.send_fds(_requests, [json.dumps(whole).encode()], [self.out.fileno(), self.err.fileno(), theirs])
        os.close(theirs)
        self.returncode: int | None = None
        self._told = b""
        self.pid = int(self._line(30))

    def _line(self, within: float) -> bytes:
        deadline = time.monotonic() + within
        while b"\n" not in self._told:
            ready, _, _ = select.select([self._status], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise subprocess.TimeoutExpired("process", within, self.output())
            more = os.read(self._status, 100)
            assert more, "the process that forks has ended"
            self._told += more
        line, _, self._told = self._told.partition(b"\n")
        return line

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
        self.wait(10)

    def wait(self, timeout: float) -> int:
        if self.returncode is None:
            self.returncode = int(self._line(timeout))
            os.close(self._status)
        return self.returncode

    def output(self) -> str:
        """What it has printed so far."""
        return _text(self.out) + _text(self.err)


def _text(file) -> str:
    """By position, since the file has one place for all who hold it."""
    return os.pread(file.fileno(), 10_000_000, 0).decode()


def prefect(*arguments: str, code: int = 0, **options) -> str:
    """What the command has printed, once it has ended with this code."""
    process = Process(None, *arguments, **options)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
    assert process.returncode == code, f"prefect {' '.join(arguments)} ended with {process.returncode}:\n{process.output()}"
    return _text(process.out)
