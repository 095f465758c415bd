"""Flows and tasks as users write them; what the client sees and what the API has recorded of it."""

import time

from prefect import flow, get_client, task
from prefect.flow_engine import run_flow
from scenarios import run_scenarios, scenario
from server_view import api, check_flow_run, flow_run, flow_run_states, id_of, moment, names, run_of, task_run_states, task_runs, unique


@scenario("a flow with tasks")
def flow_with_tasks():
    @task
    def one():
        time.sleep(0.05)
        return 1

    @task(name="plus", tags=["maths"], version="7")
    def plus(a, b):
        return a + b

    @flow(name=unique("simple"), description="d", version="v3")
    def simple(x: int, text: str = "default"):
        return plus.submit(one.submit(), x).result()

    state = simple(41, return_state=True)
    assert state.is_completed() and state.result() == 42
    run = check_flow_run(flow_run(id_of(state)))
    assert run["parameters"] == {"x": 41, "text": "default"} and run["flow_version"] == "v3"
    assert run["parent_task_run_id"] is None and run["deployment_id"] is None and run["auto_scheduled"] is False
    assert names(flow_run_states(run["id"])) == ["Pending", "Running", "Completed"]
    runs = {found["name"].rsplit("-", 1)[0]: found for found in task_runs(run["id"], 2)}
    first, second = runs["one"], runs["plus"]
    for found in (first, second):
        assert found["state_type"] == "COMPLETED" and found["run_count"] == 1 and found["flow_run_run_count"] == 1
        assert names(task_run_states(found["id"])) == ["Pending", "Running", "Completed"]
        assert moment(run["start_time"]) <= moment(found["start_time"]) <= moment(run["end_time"])
    assert first["total_run_time"] >= 0.05, first["total_run_time"]
    assert second["task_inputs"]["a"] == [{"input_type": "task_run", "id": first["id"]}], second["task_inputs"]
    assert second["task_inputs"]["b"] == [] and second["tags"] == ["maths"] and second["task_version"] == "7"
    assert api("GET", f"/flows/{run['flow_id']}")["name"] == simple.name
    assert api("GET", f"/flows/name/{simple.name}")["id"] == run["flow_id"]


@scenario("fifty mapped tasks")
def mapped_tasks():
    @task
    def double(n):
        return n * 2

    @task
    def total(numbers):
        return sum(numbers)

    @flow(name=unique("mapped"))
    def mapped():
        return total(double.map(list(range(50))))

    state = mapped(return_state=True)
    assert state.result() == 2450
    run = check_flow_run(flow_run(id_of(state)))
    runs = task_runs(run["id"], 51)
    assert all(found["state_name"] == "Completed" and found["run_count"] == 1 for found in runs)
    assert len({found["dynamic_key"] for found in runs if found["name"].startswith("double")}) == 50
    assert len({found["id"] for found in runs}) == 51
    doubles = {found["id"] for found in runs if found["name"].startswith("double")}
    inputs = next(found for found in runs if found["name"].startswith("total"))["task_inputs"]["numbers"]
    assert {item["id"] for item in inputs} == doubles
    count = api("POST", "/task_runs/count", {"task_runs": {"flow_run_id": {"any_": [run["id"]]}}})
    assert count == 51, count


@scenario("subflows")
def subflows():
    @task
    def leaf():
        return 2

    @flow(name=unique("child"), flow_run_name="child-of-{n}")
    def child(n):
        return leaf() * n

    @flow(name=unique("bad-child"))
    def bad_child():
        raise ValueError("child broke")

    @flow(name=unique("parent"))
    def parent():
        bad_child(return_state=True)
        return child(1) + child(2)

    state = parent(return_state=True)
    assert state.result() == 6
    run = check_flow_run(flow_run(id_of(state)))
    parents = api("POST", "/task_runs/filter", {"task_runs": {"flow_run_id": {"any_": [run["id"]]}}})
    assert len(parents) == 3
    children = api(
        "POST",
        "/flow_runs/filter",
        {"flow_runs": {"parent_flow_run_id": {"any_": [run["id"]]}}, "sort": "EXPECTED_START_TIME_ASC"},
    )
    assert [found["state_type"] for found in children] == ["FAILED", "COMPLETED", "COMPLETED"]
    assert [found["name"] for found in children[1:]] == ["child-of-1", "child-of-2"]
    by_id = {found["id"]: found for found in parents}
    for found in children:
        dummy = by_id[found["parent_task_run_id"]]
        assert dummy["state"]["state_details"]["child_flow_run_id"] == found["id"]
        assert dummy["state_type"] == found["state_type"] and dummy["state_name"] == found["state_name"]
        assert dummy["run_count"] == 1 and moment(dummy["end_time"]) >= moment(found["end_time"]), (dummy, found)
        assert found["state"]["state_details"]["task_run_id"] == dummy["id"]
        assert moment(run["start_time"]) <= moment(found["start_time"]) <= moment(run["end_time"])
    for found in children[1:]:
        assert len(task_runs(found["id"], 1)) == 1
    with_subflows = {"flow_run_id": {"any_": [run["id"]]}, "subflow_runs": {"exists_": True}}
    assert api("POST", "/task_runs/count", {"task_runs": with_subflows}) == 3


@scenario("names of runs, and one flow run again under its name")
def run_names():
    @task(task_run_name="work on {thing}")
    def work(thing):
        return thing

    @flow(name=unique("named"), flow_run_name="run for {thing}")
    def named(thing):
        return work(thing)

    first, second = named("ä b", return_state=True), named("c", return_state=True)
    runs = [flow_run(id_of(state)) for state in (first, second)]
    assert [run["name"] for run in runs] == ["run for ä b", "run for c"]
    assert runs[0]["flow_id"] == runs[1]["flow_id"], "a flow of the same name is the same flow"
    assert task_runs(runs[0]["id"], 1)[0]["name"] == "work on ä b"
    other = named.with_options(name=unique("other"), flow_run_name="fixed")
    third = flow_run(id_of(other("d", return_state=True)))
    assert third["name"] == "fixed" and third["flow_id"] != runs[0]["flow_id"]

    @flow(name=unique("unnamed"))
    def unnamed():
        pass

    generated = [flow_run(id_of(unnamed(return_state=True)))["name"] for _ in range(2)]
    assert generated[0] != generated[1] and all("-" in name for name in generated), generated


@scenario("an asynchronous flow with concurrent tasks")
def asynchronous():
    import asyncio

    @task
    async def wait_for(n):
        await asyncio.sleep(0.05)
        return n

    @flow(name=unique("async"))
    async def concurrent():
        return sum(await asyncio.gather(*[wait_for(n) for n in range(10)]))

    state = asyncio.run(concurrent(return_state=True))
    assert asyncio.run(state.aresult()) == 45
    check_flow_run(flow_run(id_of(state)))
    assert len(task_runs(id_of(state), 10)) == 10


@scenario("flows and tasks that yield")
def generators():
    @task
    def numbers(count):
        yield from range(count)

    @flow(name=unique("yielding"))
    def yielding():
        for number in numbers(3):
            yield number * 10

    assert list(yielding()) == [0, 10, 20]
    run = check_flow_run(run_of(yielding.name, "COMPLETED"))
    (found,) = task_runs(run["id"], 1)
    assert found["state_type"] == "COMPLETED"


@scenario("a flow run that was made before it is run")
def made_before():
    calls = []

    @flow(name=unique("made-before"))
    def later(n=0):
        calls.append(n)
        return n

    with get_client(sync_client=True) as client:
        made = client.create_flow_run(later, parameters={"n": 5}, name="planned", tags=["by-hand"])
        assert made.state.is_pending() or made.state.is_scheduled()
        run = client.read_flow_run(made.id)
        state = run_flow(later, flow_run=run, parameters={"n": 5}, return_type="state")
        assert state.is_completed() and calls == [5]
        done = check_flow_run(flow_run(made.id))
        assert done["name"] == "planned" and done["tags"] == ["by-hand"] and done["parameters"] == {"n": 5}
    assert names(flow_run_states(made.id))[-2:] == ["Running", "Completed"]


if __name__ == "__main__":
    run_scenarios()
