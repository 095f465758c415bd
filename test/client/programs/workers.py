"""Work pools as people use them: `prefect work-pool` and `work-queue`, a process worker that runs deployments, task workers."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from prefect import flow, task
from prefect.deployments import run_deployment
from scenarios import run_scenarios, scenario
from server_view import api, eventually, flow_run, unique

PREFECT = str(Path(sys.executable).with_name("prefect"))
HOME = Path(os.environ["PREFECT_HOME"])
ENVIRONMENT = {
    **os.environ,
    "COLUMNS": "200",
    "NO_COLOR": "1",
    "PREFECT_CLI_COLORS": "false",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_WORKER_QUERY_SECONDS": "0.5",
    "PREFECT_WORKER_PREFETCH_SECONDS": "2",
    "PYTHONUNBUFFERED": "1",
}


def prefect(*arguments: str) -> str:
    done = subprocess.run([PREFECT, *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"prefect {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def at_once(*commands: str) -> list[str]:
    """Starting Python takes most of a command's time; two cores take two at once."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda command: prefect(*command.split()), commands))


class Worker:
    """A process worker in a process of its own; what it prints is kept for whoever asks why."""

    def __init__(self, pool: str, name: str):
        self.log = HOME / f"{name}.log"
        self.process = subprocess.Popen(
            [PREFECT, "worker", "start", "--pool", pool, "--type", "process", "--name", name],
            env=ENVIRONMENT,
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> "Worker":
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def __exit__(self, failure: object, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
        if failure:
            print(self.log.read_text()[-6000:])


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
    prefect("work-pool", "create", pool, "--type", "process")
    at_once(f"work-pool set-concurrency-limit {pool} 3", f"work-queue create urgent --pool {pool} --priority 1")
    at_once(f"work-pool pause {pool}", f"work-queue pause urgent --pool {pool}")
    shown = api("GET", f"/work_pools/{pool}")
    assert (shown["status"], shown["concurrency_limit"]) == ("PAUSED", 3), shown
    listed, inspected = at_once(f"work-queue ls --pool {pool} --output json", f"work-pool inspect {pool} --output json")
    assert [queue["name"] for queue in json.loads(listed)] == ["urgent", "default"], listed
    assert json.loads(inspected)["base_job_template"]["variables"]["properties"]["command"], inspected
    at_once(f"work-pool resume {pool}", f"work-queue delete urgent --pool {pool}")
    assert api("GET", f"/work_pools/{pool}")["status"] == "NOT_READY"
    prefect("work-pool", "delete", pool)
    assert pool not in [one["name"] for one in api("POST", "/work_pools/filter", {})]


@scenario("a worker runs deployments, cancels a run with its hooks, and another goes on where it was killed")
def worker() -> None:
    pool = unique("process")
    # The template comes with the first worker, over its channel.
    api("POST", "/work_pools/", {"name": pool, "type": "process"})
    with Worker(pool, unique("worker")) as first:
        eventually(lambda: api("GET", f"/work_pools/{pool}")["status"] == "READY", within=60)
        assert api("GET", f"/work_pools/{pool}")["base_job_template"]["variables"], "the worker brought no template"
        quick, slow = deploy(pool)
        done = run_deployment(quick, parameters={"x": 7}, timeout=90, poll_interval=0.5)
        assert done.state_name == "Completed" and "quick 7" in notes(), (done.state, notes())
        [worker] = api("POST", f"/work_pools/{pool}/workers/filter", {})
        assert worker["status"] == "ONLINE" and worker["heartbeat_interval_seconds"] == 30, worker
        assert api("GET", f"/deployments/name/{quick}")["status"] == "READY"
        begun = run_deployment(slow, timeout=0)
        eventually(lambda: "slow begins" in notes(), within=60)
        prefect("flow-run", "cancel", str(begun.id))
        eventually(lambda: state_of(begun.id) == "Cancelled", within=60)
        eventually(lambda: "hook Cancelled" in notes() or "hook Cancelling" in notes(), within=60)
        first.kill()
    api("PATCH", f"/work_pools/{pool}", {"concurrency_limit": 1})
    waiting = [run_deployment(slow, parameters={"seconds": 1}, timeout=0) for _ in range(2)]
    most = 0

    def all_done() -> bool:
        nonlocal most
        most = max(most, api("GET", f"/work_pools/{pool}")["active_slots"])
        return [state_of(run.id) for run in waiting] == ["Completed", "Completed"]

    with Worker(pool, unique("worker")):
        eventually(all_done, within=90)
    assert most == 1 and notes().count("slow begins") == 3, (most, notes())


@task
def double(x: int) -> int:
    return 2 * x


@scenario("background tasks wait for a task worker and run once")
def background() -> None:
    early = [double.delay(x) for x in range(3)]
    script = HOME / "serve_double.py"
    script.write_text(f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\nfrom workers import double\ndouble.serve()\n")
    log = (HOME / "task-worker.log").open("w")
    server = subprocess.Popen([sys.executable, str(script)], env=ENVIRONMENT, stdout=log, stderr=subprocess.STDOUT)
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
