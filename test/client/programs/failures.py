"""What goes wrong in flows and tasks, and what is done about it: retries, timeouts, states of the user's own, hooks."""

import time
from datetime import timedelta

from prefect import flow, task
from prefect.states import Cancelled, Cancelling, Completed, Failed
from scenarios import run_scenarios, scenario
from server_view import api, check_flow_run, eventually, flow_run, flow_run_states, id_of, moment, names, run_of, task_run_states, task_runs, unique


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


@scenario("a flow that says it is cancelled")
def cancelled_by_itself():
    @task
    def cancelled_task():
        return Cancelled(message="the task had enough")

    @flow(name=unique("cancelled"))
    def cancelled():
        assert cancelled_task(return_state=True).is_cancelled()
        return Cancelled(name="Given Up", message="enough")

    state = cancelled(return_state=True)
    assert state.is_cancelled() and state.name == "Given Up"
    run = check_flow_run(flow_run(id_of(state)), "CANCELLED")
    assert (run["state_name"], run["state"]["message"]) == ("Given Up", "enough")
    (found,) = task_runs(run["id"], 1)
    assert (found["state_type"], found["state"]["message"]) == ("CANCELLED", "the task had enough")


@scenario("hooks of flows that crash or are cancelling")
def rarer_hooks():
    seen = []

    def hook(_, run, state):
        seen.append((state.type.value, state.name, flow_run(run.id)["state_type"]))

    @flow(name=unique("crashing"), on_crashed=[hook])
    def crashing():
        raise KeyboardInterrupt("stop")

    try:
        crashing()
    except KeyboardInterrupt:
        pass
    run = run_of(crashing.name, "CRASHED")
    assert seen == [("CRASHED", "Crashed", "CRASHED")], seen
    assert run["end_time"] and names(flow_run_states(run["id"])) == ["Pending", "Running", "Crashed"]

    seen.clear()

    @flow(name=unique("cancelling"), on_cancellation=[hook])
    def cancelling():
        return Cancelling()

    state = cancelling(return_state=True)
    assert state.is_cancelling() and seen == [("CANCELLING", "Cancelling", "CANCELLING")], seen
    run = flow_run(id_of(state))
    assert run["state_type"] == "CANCELLING" and run["end_time"] is None


@scenario("tasks that fail before they run, and failures among the mapped")
def upstream_failures():
    @task
    def odd_fails(n):
        if n % 2:
            raise ValueError(f"odd {n}")
        return n

    @task
    def after(value):
        return value

    @flow(name=unique("upstream"))
    def upstream():
        return [after.submit(future).wait() or None for future in odd_fails.map(range(4))] and "done"

    state = upstream(return_state=True)
    assert state.result(raise_on_failure=False) == "done"
    wanted = {"odd": ["Completed", "Completed", "Failed", "Failed"], "after": ["Completed", "Completed", "NotReady", "NotReady"]}
    of_run = {"task_runs": {"flow_run_id": {"any_": [str(id_of(state))]}}}

    def as_wanted():
        runs = api("POST", "/task_runs/filter", of_run)
        states = {name: sorted(one["state_name"] for one in runs if one["name"].startswith(name)) for name in wanted}
        return runs if states == wanted else None

    unready = [one for one in eventually(as_wanted) if one["state_name"] == "NotReady"]
    assert all(one["state_type"] == "PENDING" and one["start_time"] is None for one in unready), unready


if __name__ == "__main__":
    run_scenarios()
