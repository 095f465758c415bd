"""Prefect's own command line against the server, each command in a process of its own."""

import json
import os
import subprocess
from pathlib import Path

from scenarios import run_scenarios, scenario
from server_view import api, eventually, flow_run, flow_run_states, names, status, unique
from spawn import PLAIN, PREFECT, prefect

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
    runs = prefect("flow-run", "ls", "--flow-name", seed.name, "-o", "json")
    assert {run["id"] for run in json.loads(runs)} == {seed.done, seed.running, seed.planned}
    inspected = prefect("flow-run", "inspect", seed.done)
    assert seed.done in inspected and "COMPLETED" in inspected and "All fine." in inspected
    assert json.loads(prefect("flow-run", "inspect", seed.done, "-o", "json"))["name"] == "done-run"
    logs = prefect("flow-run", "logs", seed.done)
    assert [line.split("|")[-1].strip().rsplit("- ")[-1] for line in logs.splitlines() if "line " in line] == [f"line {n}" for n in range(25)]
    tail = prefect("flow-run", "logs", seed.done, "--tail", "-n", "3")
    assert tail.count("line ") == 3 and "line 24" in tail
    assert seed.name in [flow["name"] for flow in json.loads(prefect("flow", "ls", "--limit", "200", "-o", "json"))]
    tasks = prefect("task-run", "ls", "--task-run-name", seed.task["name"], "-o", "json")
    assert [run["id"] for run in json.loads(tasks)] == [seed.task["id"]]
    one_task = prefect("task-run", "inspect", seed.task["id"])
    assert seed.task["name"] in one_task and "PENDING" in one_task
    assert prefect("task-run", "logs", seed.task["id"]).count("from the task") == 1


@scenario("which server it is, and what is set")
def server():
    url = os.environ["PREFECT_API_URL"]
    told = prefect("server", "status")
    assert "3.8.8" in told and url in told, told
    version = prefect("version")
    assert "3.8.8" in version and "server" in version.lower()
    assert f"PREFECT_API_URL='{url}'" in prefect("config", "view", "--hide-sources")
    prefect("profile", "create", "theirs")
    prefect("--profile", "theirs", "config", "set", f"PREFECT_API_URL={url}")
    assert "theirs" in prefect("profile", "ls") and url in prefect("profile", "inspect", "theirs")
    assert url in prefect("--profile", "theirs", "server", "status", env={"PREFECT_API_URL": None})
    prefect("--profile", "theirs", "config", "unset", "PREFECT_API_URL", "-y")
    assert url not in prefect("profile", "inspect", "theirs")
    prefect("profile", "delete", "theirs")


@scenario("requests by hand")
def requests():
    seed = Seed()
    assert json.loads(prefect("api", "GET", f"/flow_runs/{seed.done}"))["name"] == "done-run"
    body = {"flow_runs": {"name": {"any_": ["running-run"]}}, "flows": {"name": {"any_": [seed.name]}}}
    [found] = json.loads(prefect("api", "POST", "/flow_runs/filter", "--data", json.dumps(body)))
    assert found["id"] == seed.running
    prefect("api", "POST", "/flow_runs/filter", "--data", '{"limit": "many"}', code=4)


@scenario("cancel, watch, retry and delete")
def change():
    seed = Seed()
    assert "cancel" in prefect("flow-run", "cancel", seed.planned).lower()
    assert flow_run(seed.planned)["state_type"] in ("CANCELLED", "CANCELLING")
    assert "already finished" in prefect("flow-run", "watch", seed.done)
    prefect("flow-run", "watch", seed.planned, code=1)
    file = Path(os.environ["PREFECT_HOME"]) / "again.py"
    file.write_text("from prefect import flow\n\n@flow\ndef again():\n    print('once more')\n")
    prefect("flow-run", "retry", seed.done, code=1)
    prefect("flow-run", "retry", seed.done, "--entrypoint", f"{file}:again")
    assert names(flow_run_states(seed.done))[-3:] == ["Scheduled", "Running", "Completed"], flow_run_states(seed.done)
    assert "deleted" in prefect("flow-run", "delete", seed.done).lower()
    assert status("GET", f"/flow_runs/{seed.done}") == 404
    prefect("flow-run", "cancel", seed.running)
    assert flow_run(seed.running)["state_type"] == "CANCELLING"
    prefect("flow-run", "delete", seed.done, code=1)
    prefect("flow-run", "inspect", seed.done, code=1)


@scenario("event emit and stream")
def events():
    thing = unique("cli-thing")
    file = Path(os.environ["PREFECT_HOME"]) / "events.jsonl"
    with file.open("w") as output:
        stream = subprocess.Popen([PREFECT, "event", "stream"], env={**os.environ, **PLAIN}, stdout=output, stderr=output)
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
