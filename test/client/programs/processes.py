"""Flows in processes of their own: killed, interrupted, cancelled from outside, or side by side."""

import asyncio
import json
import signal
import time
from uuid import UUID

from prefect import flow, get_client, task
from prefect.client.schemas.objects import StateType
from prefect.runner import Runner
from prefect.states import Cancelling, Crashed, Running, Scheduled
from scenarios import run_scenarios, scenario
from server_view import api, check_flow_run, eventually, flow_run, flow_run_states, names, run_of, task_runs, unique
from spawn import Process


def be_killed(name: str) -> None:
    """In a process of its own: a flow that gets one task done and then waits for its end."""

    @task
    def first_step():
        return 1

    @flow(name=name)
    def doomed():
        first_step()
        print("waiting for the end", flush=True)
        time.sleep(120)

    doomed()


@scenario("a flow whose process is killed")
def killed_process():
    name = unique("doomed")
    process = Process(be_killed, name)
    run = run_of(name, "RUNNING")
    (done,) = task_runs(run["id"], 1)
    assert done["state_type"] == "COMPLETED"
    process.kill()
    left = flow_run(run["id"])
    assert left["state_type"] == "RUNNING" and left["end_time"] is None and left["run_count"] == 1
    assert left["total_run_time"] == 0 and left["estimated_run_time"] > 0
    later = flow_run(run["id"])
    assert later["estimated_run_time"] > left["estimated_run_time"]
    with get_client(sync_client=True) as client:
        result = client.set_flow_run_state(run["id"], Crashed(message="The process is gone."))
        assert result.status.value == "ACCEPT", result
        seen = client.read_flow_run(run["id"])
    assert seen.state_type == StateType.CRASHED and seen.state.message == "The process is gone."
    ended = flow_run(run["id"])
    assert ended["end_time"] and ended["total_run_time"] > 0
    assert names(flow_run_states(run["id"])) == ["Pending", "Running", "Crashed"]


@scenario("flows whose processes are asked to end")
def terminated_processes():
    names_of_flows = [unique("interrupted"), unique("terminated")]
    processes = [Process(be_killed, name) for name in names_of_flows]
    runs = [run_of(name, "RUNNING") for name in names_of_flows]
    for run in runs:
        task_runs(run["id"], 1)
    for process, number in zip(processes, (signal.SIGINT, signal.SIGTERM)):
        process.send_signal(number)
    for process, run in zip(processes, runs):
        process.wait(60)
        ended = flow_run(run["id"])
        assert ended["state_type"] == "CRASHED", (ended["state"], process.output())
        assert ended["end_time"] and ended["state"]["message"], ended
        assert names(flow_run_states(run["id"])) == ["Pending", "Running", "Crashed"]


@flow
def endless():
    time.sleep(120)


def be_runner(run_id: str) -> None:
    """In a process of its own: starts the run in another one, and watches for somebody who wants it cancelled."""
    asyncio.run(Runner().execute_flow_run(UUID(run_id), entrypoint=f"{__file__}:endless"))


@scenario("a run that is cancelled while its runner looks on")
def cancelled_by_runner():
    with get_client(sync_client=True) as client:
        made = client.create_flow_run(endless)
        process = Process(be_runner, str(made.id))
        eventually(lambda: flow_run(made.id)["state_type"] == "RUNNING", 30)
        time.sleep(1)
        result = client.set_flow_run_state(made.id, Cancelling())
        assert result.status.value == "ACCEPT", result
    process.wait(60)
    output = process.output()
    run = flow_run(made.id)
    assert run["state_type"] == "CANCELLED" and run["end_time"], (run["state"], output)
    assert names(flow_run_states(made.id))[-3:] == ["Running", "Cancelling", "Cancelled"], output


@scenario("cancelling a run that waits, and one that runs")
def cancelling():
    @flow(name=unique("cancelled"))
    def waiting():
        pass

    with get_client(sync_client=True) as client:
        planned = client.create_flow_run(waiting, state=Scheduled())
        result = client.set_flow_run_state(planned.id, Cancelling())
        assert (result.status.value, result.state.type.value) == ("REJECT", "CANCELLED"), result
        running = client.create_flow_run(waiting, state=Running())
        result = client.set_flow_run_state(running.id, Cancelling())
        assert (result.status.value, result.state.type.value) == ("ACCEPT", "CANCELLING"), result
        result = client.set_flow_run_state(running.id, Running())
        assert result.status.value == "REJECT"
    assert flow_run(planned.id)["state_type"] == "CANCELLED" and flow_run(running.id)["state_type"] == "CANCELLING"


def be_one_of_four(name: str, index: str) -> None:
    @task
    def step(n):
        return n

    @task(retries=1, retry_delay_seconds=0)
    def flaky(seen=[]):
        seen.append(1)
        if len(seen) == 1:
            raise ValueError("once")

    @flow(name=name, log_prints=True)
    def busy(index):
        print(f"process {index}")
        flaky()
        return sum(step.map(range(20)).result())

    state = busy(int(index), return_state=True)
    print("RUN " + json.dumps([str(state.state_details.flow_run_id), state.result()]), flush=True)


@scenario("four processes at once")
def four_processes():
    name = unique("four")
    processes = [Process(be_one_of_four, name, str(index)) for index in range(4)]
    for process in processes:
        assert process.wait(120) == 0, process.output()
    outputs = [process.output() for process in processes]
    runs = [json.loads(next(line for line in output.splitlines() if line.startswith("RUN "))[4:]) for output in outputs]
    assert len({run_id for run_id, _ in runs}) == 4 and all(result == 190 for _, result in runs)
    found = api("POST", "/flow_runs/filter", {"flows": {"name": {"any_": [name]}}})
    assert {run["id"] for run in found} == {run_id for run_id, _ in runs}
    assert len({run["flow_id"] for run in found}) == 1, "four processes made more than one flow of a name"
    for run in found:
        check_flow_run(run)
        tasks = task_runs(run["id"], 21)
        assert sorted(one["run_count"] for one in tasks) == [1] * 20 + [2]
        logs = eventually(lambda: api("POST", "/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}}))
        assert f"process {run['parameters']['index']}" in [log["message"] for log in logs]


if __name__ == "__main__":
    run_scenarios()
