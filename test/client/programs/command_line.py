"""Prefect's own command line against the server, each command in a process of its own."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scenarios import run_scenarios, scenario
from server_view import api, eventually, flow_run, status, unique

PREFECT = str(Path(sys.executable).with_name("prefect"))
ENVIRONMENT = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "PREFECT_CLI_COLORS": "false", "PREFECT_CLI_PROMPT": "false"}


def prefect(*arguments: str, code: int = 0) -> str:
    done = subprocess.run([PREFECT, *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, f"prefect {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def at_once(*commands: list[str]) -> list[str]:
    """Starting Python takes most of a command's time; two cores take two at once."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda command: prefect(*command), commands))


class Seed:
    """A flow with a finished, a running and a planned run, logs and a task run."""

    def __init__(self):
        self.name = unique("cli")
        flow_id = api("POST", "/flows/", {"name": self.name})["id"]

        def run(name, state):
            return api("POST", "/flow_runs/", {"flow_id": flow_id, "name": name, "state": state})["id"]

        self.done = run("done-run", {"type": "COMPLETED", "message": "All fine."})
        self.running = run("running-run", {"type": "RUNNING"})
        self.planned = run("planned-run", {"type": "SCHEDULED"})
        self.task = api(
            "POST",
            "/task_runs/",
            {"flow_run_id": self.running, "task_key": "k", "dynamic_key": "0", "name": unique("cli-task"), "tags": ["cli"]},
        )
        logs = [
            {"name": "prefect.flow_runs", "level": 20, "message": f"line {n}", "timestamp": f"2026-01-01T00:00:{n:02}Z", "flow_run_id": self.done}
            for n in range(25)
        ]
        task_log = {**logs[0], "message": "from the task", "flow_run_id": self.running, "task_run_id": self.task["id"]}
        api("POST", "/logs/", [*logs, task_log])


@scenario("ls, inspect and logs")
def look():
    seed = Seed()
    runs, inspected, as_json, logs, tail, flows, tasks, one_task, task_logs, status_text, version, config = at_once(
        ["flow-run", "ls", "--flow-name", seed.name, "-o", "json"],
        ["flow-run", "inspect", seed.done],
        ["flow-run", "inspect", seed.done, "-o", "json"],
        ["flow-run", "logs", seed.done],
        ["flow-run", "logs", seed.done, "--tail", "-n", "3"],
        ["flow", "ls", "--limit", "200", "-o", "json"],
        ["task-run", "ls", "--task-run-name", seed.task["name"], "-o", "json"],
        ["task-run", "inspect", seed.task["id"]],
        ["task-run", "logs", seed.task["id"]],
        ["server", "status"],
        ["version"],
        ["config", "view", "--hide-sources"],
    )
    assert {run["id"] for run in json.loads(runs)} == {seed.done, seed.running, seed.planned}
    assert seed.done in inspected and "COMPLETED" in inspected and "All fine." in inspected
    assert json.loads(as_json)["name"] == "done-run"
    assert [line.split("|")[-1].strip().rsplit("- ")[-1] for line in logs.splitlines() if "line " in line] == [f"line {n}" for n in range(25)]
    assert tail.count("line ") == 3 and "line 24" in tail
    assert seed.name in [flow["name"] for flow in json.loads(flows)]
    assert [run["id"] for run in json.loads(tasks)] == [seed.task["id"]]
    assert seed.task["name"] in one_task and "PENDING" in one_task
    assert task_logs.count("from the task") == 1
    assert "3.8.8" in status_text and os.environ["PREFECT_API_URL"] in status_text, status_text
    assert "3.8.8" in version and "server" in version.lower()
    assert f"PREFECT_API_URL='{os.environ['PREFECT_API_URL']}'" in config, config


@scenario("cancel and delete")
def change():
    seed = Seed()
    cancelled, deleted = at_once(["flow-run", "cancel", seed.planned], ["flow-run", "delete", seed.done])
    assert "cancel" in cancelled.lower() and "deleted" in deleted.lower()
    assert flow_run(seed.planned)["state_type"] in ("CANCELLED", "CANCELLING")
    assert status("GET", f"/flow_runs/{seed.done}") == 404
    at_once(["flow-run", "cancel", seed.running])
    assert flow_run(seed.running)["state_type"] == "CANCELLING"
    prefect("flow-run", "delete", seed.done, code=1)
    prefect("flow-run", "inspect", seed.done, code=1)


@scenario("event emit and stream")
def events():
    thing = unique("cli-thing")
    file = Path(os.environ["PREFECT_HOME"]) / "events.jsonl"
    with file.open("w") as output:
        stream = subprocess.Popen([PREFECT, "event", "stream"], env=ENVIRONMENT, stdout=output, stderr=output)
    try:
        eventually(lambda: "Subscribing" in file.read_text(), 30)
        prefect("event", "emit", "cli.happened", "--resource-id", thing, "--payload", '{"n": 1.0}')
        line = eventually(lambda: next((line for line in file.read_text().splitlines() if thing in line), None), 20)
    finally:
        stream.terminate()
        stream.wait(timeout=20)
    streamed = json.loads(line)
    assert streamed["event"] == "cli.happened" and streamed["payload"] == {"n": 1.0}
    page = eventually(lambda: api("POST", "/events/filter", {"filter": {"resource": {"id": [thing]}}})["events"])
    assert [event["id"] for event in page] == [streamed["id"]]


if __name__ == "__main__":
    run_scenarios()
