"""What every program here is made of: scenarios, each run by itself, their outcomes written to $SCENARIO_RESULTS.

By hand, against any server, all of a program or the named scenarios of it (DATABASE=postgres and SERVER=prefect where
that is so): PREFECT_API_URL=http://127.0.0.1:4200/api .venv/bin/python test/client/programs/runs.py "subflows"
"""

import json
import os
import sys
import time
import traceback
from typing import Callable

_scenarios: list[tuple[str, Callable[[], None]]] = []


def scenario(name: str):
    """Registers a function that raises when something isn't as it should be."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        _scenarios.append((name, function))
        return function

    return register


def run_scenarios() -> None:
    wanted = sys.argv[1:]
    if "spawn" in sys.modules:
        sys.modules["spawn"].open_spawner()
    results: dict[str, dict] = {}
    for name, function in _scenarios:
        if wanted and name not in wanted:
            continue
        print(f"=== {name}", flush=True)
        since = time.monotonic()
        failure = None
        try:
            function()
        except BaseException:  # also SystemExit and KeyboardInterrupt: the others shall run all the same
            failure = traceback.format_exc()
            print(failure, flush=True)
        results[name] = {"failure": failure, "seconds": round(time.monotonic() - since, 2)}
        print(f"--- {'failed' if failure else 'ok'} after {results[name]['seconds']} s", flush=True)
    path = os.environ.get("SCENARIO_RESULTS")
    if path:
        with open(path, "w") as file:
            json.dump(results, file)
    if any(result["failure"] for result in results.values()):
        sys.exit(1)
