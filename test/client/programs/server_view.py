"""What the API says, asked over plain HTTP and read by Python's own json, past the client under test."""

import base64
import json
import os
import time
import urllib.error
import urllib.request
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any, Callable

API = os.environ["PREFECT_API_URL"]
# For where Prefect's own server changes or refuses what it is sent, and ours doesn't.
IS_PREFECT = os.environ.get("SERVER") == "prefect"
AUTH_STRING = os.environ.get("PREFECT_API_AUTH_STRING")
TERMINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def api(method: str, path: str, body: Any = None) -> Any:
    """The parsed answer; raises for 4xx and 5xx. A busy server (503) is asked again, as the client does."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"} if data else {}
    if AUTH_STRING:
        headers["authorization"] = "Basic " + base64.b64encode(AUTH_STRING.encode()).decode()
    for attempt in range(6):
        request = urllib.request.Request(API + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read().decode()
            return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            if error.code != 503 or attempt == 5:
                raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()[:2000]}") from None
            time.sleep(0.2 * 2**attempt)


def status(method: str, path: str, body: Any = None) -> int:
    """The status of a request that should be refused."""
    try:
        api(method, path, body)
    except AssertionError as error:
        return int(str(error).split(": ", 1)[1].split(" ", 1)[0])
    return 200


def eventually(get: Callable[[], Any], within: float = 20) -> Any:
    """The first value of `get` that is true: for what is recorded in the background."""
    deadline = time.monotonic() + within
    while True:
        value = get()
        if value:
            return value
        assert time.monotonic() < deadline, f"still {value!r} after {within} s"
        time.sleep(0.1)


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


def id_of(state: Any) -> Any:
    """The flow run that a state returned by a flow belongs to."""
    return state.state_details.flow_run_id


def run_of(name: str, state_type: str) -> dict:
    """The only run of a flow, as soon as it is in that state."""

    def found():
        runs = api("POST", "/flow_runs/filter", {"flows": {"name": {"any_": [name]}}})
        return runs[0] if len(runs) == 1 and runs[0]["state_type"] == state_type else None

    return eventually(found, 30)


def in_background(function: Callable[[], Any]) -> Future:
    return ThreadPoolExecutor(1).submit(function)


def flow_run(run_id: Any) -> dict:
    return api("GET", f"/flow_runs/{run_id}")


def flow_run_states(run_id: Any) -> list[dict]:
    return in_order(api("GET", f"/flow_run_states/?flow_run_id={run_id}"))


def task_run_states(run_id: Any) -> list[dict]:
    return in_order(api("GET", f"/task_run_states/?task_run_id={run_id}"))


def in_order(states: list[dict]) -> list[dict]:
    moments = [moment(state["timestamp"]) for state in states]
    assert moments == sorted(moments), f"states out of order: {moments}"
    assert len({state["id"] for state in states}) == len(states)
    return states


def names(states: list[dict]) -> list[str]:
    return [state["name"] for state in states]


def task_runs(flow_run_id: Any, count: int) -> list[dict]:
    """All task runs of a flow run, in the order of their start, once `count` of them are final and have every state."""

    def all_final():
        found = api(
            "POST",
            "/task_runs/filter",
            {"task_runs": {"flow_run_id": {"any_": [str(flow_run_id)]}}, "sort": "EXPECTED_START_TIME_ASC"},
        )
        assert len(found) <= count, f"{len(found)} task runs, not {count}"
        return found if sum(run["state_type"] in TERMINAL for run in found) == count else None

    found = eventually(all_final)
    for run in found:
        check_task_run(run)
    return found


def check_task_run(run: dict) -> None:
    """What holds of every finished task run that an engine ran, with all of its states recorded."""

    def complete():
        states = task_run_states(run["id"])
        return states if states and states[0]["name"] == "Pending" and states[-1]["id"] == run["state_id"] else None

    states = eventually(complete)
    assert run["state"]["id"] == run["state_id"] and run["state"]["type"] == run["state_type"]
    assert run["state"]["name"] == run["state_name"]
    for state in states:
        assert state["state_details"]["task_run_id"] == run["id"], state
        assert state["state_details"]["flow_run_id"] == run["flow_run_id"], state
    if run["start_time"] and run["end_time"]:
        start, end = moment(run["start_time"]), moment(run["end_time"])
        assert start <= end, run
        assert run["total_run_time"] <= (end - start).total_seconds() + 0.001, run
    assert run["estimated_run_time"] == run["total_run_time"], run
    assert moment(run["expected_start_time"]) <= moment(run["start_time"] or run["end_time"]), run


def check_flow_run(run: dict, state_type: str = "COMPLETED", run_count: int = 1) -> dict:
    """What holds of every finished flow run."""
    assert run["state_type"] == state_type == run["state"]["type"], run["state"]
    assert run["state_name"] == run["state"]["name"]
    assert run["state_id"] == run["state"]["id"]
    assert run["run_count"] == run_count, run["run_count"]
    start, end = moment(run["start_time"]), moment(run["end_time"])
    assert moment(run["created"]) <= end and moment(run["expected_start_time"]) <= start <= end, run
    assert 0 < run["total_run_time"] <= (end - start).total_seconds() + 0.001, run
    assert run["estimated_run_time"] == run["total_run_time"]
    assert moment(run["state"]["timestamp"]) == end
    assert run["labels"]["prefect.flow.id"] == run["flow_id"]
    return run


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def same(sent: Any, got: Any, at: str = "") -> None:
    """Equal to Python in every respect: kind, sign of zero, all digits, order of keys."""
    assert type(sent) is type(got), f"{at}: {sent!r} came back as {got!r}"
    if isinstance(sent, dict):
        assert list(sent) == list(got), f"{at}: keys {list(sent)} came back as {list(got)}"
        for key in sent:
            same(sent[key], got[key], f"{at}.{key}")
    elif isinstance(sent, list):
        assert len(sent) == len(got), f"{at}: {len(sent)} items came back as {len(got)}"
        for index, item in enumerate(sent):
            same(item, got[index], f"{at}[{index}]")
    else:
        assert repr(sent) == repr(got), f"{at}: {sent!r} came back as {got!r}"
