"""Flows and tasks as users write them; what the client sees and what the API has recorded of it."""

import time
from datetime import timedelta

from prefect import flow, tags, task
from prefect.cache_policies import INPUTS
from prefect.futures import wait
from prefect.states import Completed, Failed
from scenarios import run_scenarios, scenario
from server_view import api, check_flow_run, flow_run, flow_run_states, moment, names, task_run_states, task_runs, unique


def id_of(state):
    return state.state_details.flow_run_id


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


@scenario("a task that is retried")
def task_retries():
    tries = []

    @task(retries=2, retry_delay_seconds=[0, 0.2])
    def flaky():
        tries.append(1)
        if len(tries) < 3:
            raise ValueError(f"try {len(tries)}")
        return "done"

    @flow(name=unique("task-retries"))
    def retried():
        return flaky()

    state = retried(return_state=True)
    assert state.result() == "done" and len(tries) == 3
    run = check_flow_run(flow_run(id_of(state)))
    (found,) = task_runs(run["id"], 1)
    assert found["run_count"] == 3 and found["flow_run_run_count"] == 1
    assert found["empirical_policy"]["retries"] == 2
    seen = names(task_run_states(found["id"]))
    assert seen == ["Pending", "Running", "AwaitingRetry", "Retrying", "AwaitingRetry", "Retrying", "Completed"] or (
        # A retry without a delay goes straight on.
        seen == ["Pending", "Running", "Retrying", "AwaitingRetry", "Retrying", "Completed"]
    ), seen


@scenario("a task that fails for good, and the flow that goes on")
def failing_task():
    @task(retries=1)
    def broken():
        raise KeyError("gone")

    @flow(name=unique("failing-task"))
    def careful():
        assert broken(return_state=True).is_failed()
        return "went on"

    state = careful(return_state=True)
    assert state.result() == "went on"
    (found,) = task_runs(id_of(state), 1)
    assert found["state_type"] == "FAILED" and found["run_count"] == 2
    assert "gone" in found["state"]["message"] and found["end_time"]


@scenario("a flow that is retried")
def flow_retries():
    tries = []

    @task
    def step():
        return len(tries)

    @flow(name=unique("flow-retries"), retries=2, retry_delay_seconds=1)
    def retried():
        tries.append(1)
        step()
        if len(tries) < 3:
            raise RuntimeError(f"try {len(tries)}")
        return "third time"

    since = time.monotonic()
    state = retried(return_state=True)
    assert state.result() == "third time" and len(tries) == 3
    assert time.monotonic() - since >= 2, "did not wait between the tries"
    run = check_flow_run(flow_run(id_of(state)), run_count=3)
    assert run["empirical_policy"]["retries"] == 2 and run["empirical_policy"]["retry_delay"] == 1
    assert names(flow_run_states(run["id"])) == [
        "Pending", "Running", "AwaitingRetry", "Running", "AwaitingRetry", "Running", "Completed",
    ]
    waiting = flow_run_states(run["id"])[2]
    assert waiting["type"] == "SCHEDULED" and "try 1" in waiting["message"]
    delay = moment(waiting["state_details"]["scheduled_time"]) - moment(waiting["timestamp"])
    assert timedelta(seconds=0.9) < delay < timedelta(seconds=1.5), delay
    assert [found["flow_run_run_count"] for found in task_runs(run["id"], 3)] == [1, 2, 3]


@scenario("a flow that fails")
def failing_flow():
    @flow(name=unique("failing"))
    def failing():
        raise ValueError("no good")

    try:
        failing()
    except ValueError as error:
        assert str(error) == "no good"
    else:
        raise AssertionError("the error did not reach the caller")
    state = failing(return_state=True)
    assert state.is_failed()
    run = check_flow_run(flow_run(id_of(state)), "FAILED")
    assert "no good" in run["state"]["message"], run["state"]["message"]
    assert names(flow_run_states(run["id"])) == ["Pending", "Running", "Failed"]
    flow_id = run["flow_id"]
    assert api("POST", "/flow_runs/count", {"flows": {"id": {"any_": [flow_id]}}}) == 2


@scenario("parameters that do not fit")
def wrong_parameters():
    @flow(name=unique("typed"))
    def typed(n: int):
        return n

    state = typed("many", return_state=True)
    run = flow_run(id_of(state))
    assert run["state_type"] == "FAILED" and run["run_count"] == 0, run
    assert "Validation of flow parameters failed" in run["state"]["message"]


@scenario("timeouts")
def timeouts():
    @task(timeout_seconds=0.3)
    def slow_task():
        for _ in range(100):
            time.sleep(0.05)

    @flow(name=unique("slow-task"))
    def with_slow_task():
        return slow_task(return_state=True).name

    state = with_slow_task(return_state=True)
    assert state.result() == "TimedOut"
    (found,) = task_runs(id_of(state), 1)
    assert found["state_type"] == "FAILED" and found["state_name"] == "TimedOut"

    @flow(name=unique("slow-flow"), timeout_seconds=0.5)
    def slow_flow():
        for _ in range(100):
            time.sleep(0.05)

    state = slow_flow(return_state=True)
    run = check_flow_run(flow_run(id_of(state)), "FAILED")
    assert run["state_name"] == "TimedOut" and "exceeded timeout" in run["state"]["message"]
    assert 0.3 < run["total_run_time"] < 4, run["total_run_time"]


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


@scenario("custom states")
def custom_states():
    @task
    def odd():
        return Completed(name="Odd", message="very odd", data=5)

    @flow(name=unique("custom"))
    def custom():
        assert odd(return_state=True).name == "Odd"
        return Failed(name="Gave Up", message="for a reason")

    state = custom(return_state=True)
    run = flow_run(id_of(state))
    assert (run["state_type"], run["state_name"]) == ("FAILED", "Gave Up")
    assert run["state"]["message"] == "for a reason"
    (found,) = task_runs(run["id"], 1)
    assert (found["state_type"], found["state_name"]) == ("COMPLETED", "Odd")
    assert found["state"]["message"] == "very odd"
    hit = api("POST", "/flow_runs/filter", {"flow_runs": {"state": {"name": {"any_": ["Gave Up"]}}}})
    assert run["id"] in [one["id"] for one in hit]


@scenario("state hooks")
def state_hooks():
    seen = []

    def hook(label):
        def note(_, run, state):
            seen.append((label, state.name, str(run.id)))

        return note

    @task(on_completion=[hook("task done")], on_failure=[hook("task failed")], on_running=[hook("task runs")])
    def sometimes(ok):
        if not ok:
            raise ValueError("no")

    @flow(
        name=unique("hooks"),
        on_completion=[hook("flow done")],
        on_failure=[hook("flow failed")],
        on_running=[hook("flow runs")],
    )
    def hooked(ok):
        sometimes(True)
        sometimes(ok)

    good, bad = hooked(True, return_state=True), hooked(False, return_state=True)
    labels = [label for label, _, _ in seen]
    assert labels == [
        "flow runs", "task runs", "task done", "task runs", "task done", "flow done",
        "flow runs", "task runs", "task done", "task runs", "task failed", "flow failed",
    ], labels
    assert seen[0][2] == str(id_of(good)) and seen[-1][2] == str(id_of(bad))
    assert flow_run(id_of(bad))["state_name"] == "Failed"


@scenario("cached tasks")
def cached_tasks():
    calls = []

    @task(cache_policy=INPUTS, persist_result=True, cache_expiration=timedelta(hours=1))
    def expensive(n, salt):
        calls.append(n)
        return n * n

    salt = unique("salt")

    @flow(name=unique("cached"), persist_result=True)
    def cached():
        return [expensive(3, salt), expensive(3, salt), expensive(4, salt), expensive(3, salt)]

    state = cached(return_state=True)
    assert state.result() == [9, 9, 16, 9] and calls == [3, 4]
    found = task_runs(id_of(state), 4)
    assert [one["state_name"] for one in found] == ["Completed", "Cached", "Completed", "Cached"]
    assert [one["run_count"] for one in found] == [1, 1, 1, 1], found
    state = cached(return_state=True)
    assert state.result() == [9, 9, 16, 9] and calls == [3, 4]
    assert {one["state_name"] for one in task_runs(id_of(state), 4)} == {"Cached"}


@scenario("tags, and the concurrency limits that they do not have")
def tags_without_limits():
    @task(tags=["t1", "t2"])
    def tagged(n):
        return n

    @flow(name=unique("tagged"))
    def flow_with_tags():
        with tags("inner"):
            futures = [tagged.submit(n) for n in range(5)]
        wait(futures)
        return sum(future.result() for future in futures)

    with tags("outer"):
        state = flow_with_tags(return_state=True)
    assert state.result() == 10
    run = check_flow_run(flow_run(id_of(state)))
    assert run["tags"] == ["outer"], run["tags"]
    for found in task_runs(run["id"], 5):
        assert set(found["tags"]) == {"outer", "inner", "t1", "t2"}, found["tags"]
    hit = {"flow_run_id": {"any_": [run["id"]]}, "tags": {"all_": ["inner", "t2"]}}
    assert api("POST", "/task_runs/count", {"task_runs": hit}) == 5


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


if __name__ == "__main__":
    run_scenarios()
