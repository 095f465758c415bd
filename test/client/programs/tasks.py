"""What tasks can do beside running: caches, transactions, runners, generators, limits, the background."""

import time
from datetime import timedelta

from prefect import flow, tags, task
from prefect.cache_policies import INPUTS
from prefect.futures import wait
from scenarios import run_scenarios, scenario
from server_view import api, check_flow_run, flow_run, id_of, task_runs, unique


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


if __name__ == "__main__":
    run_scenarios()
