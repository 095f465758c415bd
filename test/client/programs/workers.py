"""Work pools as people use them: `prefect work-pool` and `work-queue`, a process worker that runs deployments, task workers."""

import json
import os
import signal
import subprocess
import textwrap
from pathlib import Path

from prefect import flow, task
from prefect.deployments import run_deployment
from scenarios import run_scenarios, scenario
from server_view import api, eventually, flow_run, in_background, status, unique
from spawn import Process, prefect

HOME = Path(os.environ["PREFECT_HOME"])
QUICK = {"PREFECT_WORKER_QUERY_SECONDS": "0.5", "PREFECT_WORKER_PREFETCH_SECONDS": "2"}


class Worker:
    """A process worker in a process of its own; what it prints is kept for whoever asks why."""

    def __init__(self, pool: str, name: str):
        self.process = Process(None, "worker", "start", "--pool", pool, "--type", "process", "--name", name, env=QUICK)

    def __enter__(self) -> "Worker":
        return self

    def kill(self) -> None:
        self.process.kill()

    def __exit__(self, failure: object, *_: object) -> None:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
        if failure:
            print(self.process.output()[-6000:])


def notes() -> list[str]:
    return (HOME / "notes").read_text().splitlines() if (HOME / "notes").exists() else []


FLOWS = f'''
    import time
    from pathlib import Path
    from prefect import flow

    def note(text):
        with Path({str(HOME / "notes")!r}).open("a") as notes:
            notes.write(text + "\\n")

    def tell(flow, flow_run, state):
        note(f"hook {{state.name}}")

    @flow
    def quick(x: int = 1):
        note(f"quick {{x}}")
        return x

    @flow(on_cancellation=[tell])
    def slow(seconds: int = 120):
        note("slow begins")
        time.sleep(seconds)
'''


def deploy(pool: str) -> tuple[str, str]:
    """Deployments of both flows, by the names that run_deployment takes."""
    source = HOME / "flows"
    source.mkdir(exist_ok=True)
    (source / "flows.py").write_text(textwrap.dedent(FLOWS))
    names = []
    for entrypoint in ("quick", "slow"):
        made = flow.from_source(source=str(source), entrypoint=f"flows.py:{entrypoint}")
        made.deploy(name=pool, work_pool_name=pool, build=False, push=False, print_next_steps=False)
        names.append(f"{entrypoint}/{pool}")
    return names[0], names[1]


def state_of(run_id: object) -> str:
    return flow_run(str(run_id))["state_name"]


@scenario("the commands of work pools and queues")
def commands() -> None:
    pool = unique("pool")
    file = HOME / "template.json"
    prefect("work-pool", "get-default-base-job-template", "--type", "process", "--file", str(file))
    template = json.loads(file.read_text())
    template["variables"]["properties"]["command"]["default"] = "true"
    file.write_text(json.dumps(template))
    prefect("work-pool", "create", pool, "--type", "process", "--base-job-template", str(file), "--paused")
    prefect("work-pool", "create", pool, "--type", "process", code=1)
    inspected = json.loads(prefect("work-pool", "inspect", pool, "--output", "json"))
    assert inspected["base_job_template"] == template and inspected["is_paused"], inspected
    prefect("work-pool", "resume", pool)
    assert api("GET", f"/work_pools/{pool}")["status"] == "NOT_READY"
    prefect("work-pool", "set-concurrency-limit", pool, "3")
    prefect("work-pool", "pause", pool)
    shown = api("GET", f"/work_pools/{pool}")
    assert (shown["status"], shown["concurrency_limit"]) == ("PAUSED", 3), shown
    prefect("work-pool", "clear-concurrency-limit", pool)
    prefect("work-pool", "update", pool, "--description", "of ours")
    shown = api("GET", f"/work_pools/{pool}")
    assert (shown["concurrency_limit"], shown["description"]) == (None, "of ours"), shown
    assert pool in prefect("work-pool", "ls")
    prefect("work-pool", "resume", pool)
    prefect("work-pool", "delete", pool)
    assert status("GET", f"/work_pools/{pool}") == 404
    prefect("work-pool", "inspect", pool, code=1)


@scenario("the commands of work queues, and what waits in them")
def queue_commands() -> None:
    # What holds a slot is told by the name of its queue.
    pool, urgent = unique("pool"), unique("urgent")
    prefect("work-pool", "create", pool, "--type", "process")
    of_pool = ["--pool", pool]
    prefect("work-queue", "create", urgent, *of_pool, "--priority", "1", "--limit", "5")
    queues = json.loads(prefect("work-queue", "ls", *of_pool, "--output", "json"))
    assert [queue["name"] for queue in queues] == [urgent, "default"], queues
    queue = f"/work_pools/{pool}/queues/{urgent}"
    assert (api("GET", queue)["priority"], api("GET", queue)["concurrency_limit"]) == (1, 5)
    prefect("work-queue", "set-concurrency-limit", urgent, "2", *of_pool)
    prefect("work-queue", "pause", urgent, *of_pool)
    inspected = json.loads(prefect("work-queue", "inspect", urgent, *of_pool, "--output", "json"))
    assert (inspected["concurrency_limit"], inspected["status"]) == (2, "PAUSED"), inspected
    prefect("work-queue", "resume", urgent, *of_pool)
    prefect("work-queue", "clear-concurrency-limit", urgent, *of_pool)
    assert (api("GET", queue)["is_paused"], api("GET", queue)["concurrency_limit"]) == (False, None)

    flow_id = api("POST", "/flows/", {"name": unique("flow")})["id"]
    deployment = {"name": "d", "flow_id": flow_id, "work_pool_name": pool, "work_queue_name": urgent}
    deployment_id = api("POST", "/deployments/", deployment)["id"]
    run = api("POST", f"/deployments/{deployment_id}/create_flow_run", {"state": {"type": "SCHEDULED"}})["id"]
    for command in (["work-pool", "preview", pool], ["work-queue", "preview", urgent, *of_pool], ["work-queue", "read-runs", urgent, *of_pool]):
        assert run in prefect(*command), command
    api("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "PENDING"}})
    for command in (["work-pool", "slots", pool], ["work-queue", "slots", urgent, *of_pool]):
        slots = json.loads(prefect(*command, "--output", "json"))
        assert slots["active_slots"] == 1 and run in json.dumps(slots), slots
    prefect("work-queue", "delete", urgent, *of_pool)
    assert status("GET", queue) == 404


@scenario("a worker runs deployments, cancels a run with its hooks, and another goes on where it was killed")
def worker() -> None:
    pool = unique("process")
    # The template comes with the first worker, over its channel.
    api("POST", "/work_pools/", {"name": pool, "type": "process"})
    with Worker(pool, unique("worker")) as first:
        eventually(lambda: api("GET", f"/work_pools/{pool}")["status"] == "READY", within=60)
        assert api("GET", f"/work_pools/{pool}")["base_job_template"]["variables"], "the worker brought no template"
        quick, slow = deploy(pool)
        [worker] = api("POST", f"/work_pools/{pool}/workers/filter", {})
        assert worker["status"] == "ONLINE" and worker["heartbeat_interval_seconds"] == 30, worker
        eventually(lambda: api("GET", f"/deployments/name/{quick}")["status"] == "READY", within=60)
        begun = run_deployment(slow, timeout=0)
        eventually(lambda: "slow begins" in notes(), within=60)
        prefect("flow-run", "cancel", str(begun.id))
        eventually(lambda: state_of(begun.id) == "Cancelled", within=60)
        eventually(lambda: "hook Cancelled" in notes() or "hook Cancelling" in notes(), within=60)
        first.kill()
    api("PATCH", f"/work_pools/{pool}", {"concurrency_limit": 1})
    early = run_deployment(quick, parameters={"x": 6}, timeout=0)
    most = 0

    def all_done() -> bool:
        nonlocal most
        most = max(most, api("GET", f"/work_pools/{pool}")["active_slots"])
        return {"quick 6", "quick 7"} <= set(notes()) and state_of(early.id) == "Completed"

    watching = in_background(lambda: eventually(all_done, within=90))
    with Worker(pool, unique("worker")):
        done = run_deployment(quick, parameters={"x": 7}, timeout=90, poll_interval=0.5)
        watching.result(90)
    assert done.state_name == "Completed", done.state
    assert most == 1, most


@task
def double(x: int) -> int:
    return 2 * x


@scenario("background tasks wait for a task worker and run once")
def background() -> None:
    early = [double.delay(x) for x in range(3)]
    server = Process(None, "task", "serve", f"{__file__}:double")
    try:
        for x, future in enumerate([*early, double.delay(3)]):
            future.wait(timeout=60)
            assert future.state.is_completed() and future.result() == 2 * x, future.state
        [listening] = api("POST", "/task_workers/filter", {"task_worker_filter": {"task_keys": [double.task_key]}})
        assert listening["task_keys"] == [double.task_key], listening
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
    eventually(lambda: api("POST", "/task_workers/filter") == [])


if __name__ == "__main__":
    run_scenarios()
