"""What tasks can do beside running: caches, transactions, runners, generators, limits, the background."""

import time
from datetime import timedelta

from prefect import flow, get_client, tags, task
from prefect.cache_policies import INPUTS, NO_CACHE, TASK_SOURCE
from prefect.concurrency._asyncio import ConcurrencySlotAcquisitionError
from prefect.concurrency.sync import concurrency
from prefect.futures import wait
from prefect.task_runners import ProcessPoolTaskRunner, ThreadPoolTaskRunner
from prefect.transactions import transaction
from scenarios import run_scenarios, scenario
from server_view import api, check_flow_run, flow_run, flow_run_states, id_of, moment, names, run_of, task_run_states, task_runs, unique


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


@scenario("cache keys of the user's own, expired and refreshed")
def cache_keys():
    calls = []
    salt = unique("salt")

    def by_name(_, parameters):
        return f"{salt}-{parameters['name']}"

    @task(cache_key_fn=by_name, cache_expiration=timedelta(seconds=2.5), persist_result=True)
    def keyed(name, other):
        calls.append(other)
        return other

    @flow(name=unique("keyed"))
    def keys():
        first = [keyed("a", 1), keyed("a", 2), keyed("b", 3)]
        time.sleep(2.6)
        return first + [keyed("a", 4), keyed.with_options(refresh_cache=True)("a", 5), keyed("a", 6)]

    state = keys(return_state=True)
    assert state.result() == [1, 1, 3, 4, 5, 5] and calls == [1, 3, 4, 5], (state.result(), calls)
    runs = task_runs(id_of(state), 6)
    assert [one["state_name"] for one in runs] == ["Completed", "Cached", "Completed", "Completed", "Completed", "Cached"]
    keys_used = [one["state"]["data"]["storage_key"].rsplit("/", 1)[-1] for one in runs]
    assert keys_used == [f"{salt}-{name}" for name in "aabaaa"], keys_used
    lives = moment(runs[0]["state"]["data"]["expiration"]) - moment(runs[0]["end_time"])
    assert timedelta(0) < lives <= timedelta(seconds=2.5), lives


@scenario("policies of caches: none, and by source and inputs")
def cache_policies():
    calls = []
    salt = unique("salt")

    @task(cache_policy=NO_CACHE, persist_result=True)
    def never(n):
        calls.append(n)
        return n

    @task(cache_policy=INPUTS + TASK_SOURCE, persist_result=True)
    def both(n, salt):
        calls.append(-n)
        return n

    @flow(name=unique("policies"))
    def policies():
        return [never(1), never(1), both(2, salt), both(2, salt)]

    state = policies(return_state=True)
    assert state.result() == [1, 1, 2, 2] and calls == [1, 1, -2]
    assert [one["state_name"] for one in task_runs(id_of(state), 4)] == ["Completed", "Completed", "Completed", "Cached"]


@scenario("a transaction that is committed, and one that is rolled back")
def transactions():
    seen = []

    @task
    def write(what):
        seen.append(f"wrote {what}")

    @write.on_rollback
    def unwrite(transaction):
        seen.append(f"undone {transaction.get('n')}")

    @write.on_commit
    def written(transaction):
        seen.append("committed")

    @flow(name=unique("transactional"))
    def transactional(fail):
        with transaction() as one:
            one.set("n", 7)
            write("a")
            if fail:
                raise RuntimeError("half way")

    assert transactional(False, return_state=True).is_completed() and seen == ["wrote a", "committed"], seen
    seen.clear()
    state = transactional(True, return_state=True)
    assert state.is_failed() and seen == ["wrote a", "undone 7"], seen
    # What was rolled back had run all the same.
    (found,) = task_runs(id_of(state), 1)
    assert (found["state_type"], found["state_name"]) == ("COMPLETED", "RolledBack"), found["state"]
    assert names(task_run_states(found["id"])) == ["Pending", "Running", "Completed", "RolledBack"], task_run_states(found["id"])
    assert flow_run(id_of(state))["state_name"] == "Failed"


@scenario("runners of threads and of processes")
def runners():
    @flow(name=unique("threads"), task_runner=ThreadPoolTaskRunner(max_workers=4))
    def threads():
        futures = [slow_square.submit(n) for n in range(8)]
        for future in futures:
            future.wait()
        assert all(future.state.is_completed() for future in futures)
        first = slow_square.submit(3, wait_for=futures)
        return sum(future.result() for future in futures) + first.result()

    @flow(name=unique("processes"), task_runner=ProcessPoolTaskRunner(max_workers=2))
    def processes():
        return sum(future.result() for future in slow_square.map(range(4)))

    state = threads(return_state=True)
    assert state.result() == 140 + 9
    runs = task_runs(id_of(state), 9)
    spans = [(moment(one["start_time"]), moment(one["end_time"])) for one in runs]
    assert sum(start < spans[0][1] for start, _ in spans) > 1, "no two ran at once"
    assert spans[-1][0] >= max(end for _, end in spans[:-1]), "wait_for did not wait"
    assert len(runs[-1]["task_inputs"]["wait_for"]) == 8
    state = processes(return_state=True)
    assert state.result() == 14
    assert {one["state_name"] for one in task_runs(id_of(state), 4)} == {"Completed"}


@task
def slow_square(n):
    time.sleep(0.1)
    return n * n


@scenario("concurrency of limits that nobody has made")
def no_limits():
    name = unique("no-limit")

    @flow(name=unique("limited"))
    def limited():
        with concurrency(name, occupy=2, timeout_seconds=5):
            with concurrency([name, unique("another")]):
                return "inside"

    assert limited() == "inside"
    run = check_flow_run(run_of(limited.name, "COMPLETED"))
    try:
        with concurrency(name, strict=True):
            raise AssertionError("a strict limit that is not there let someone in")
    except ConcurrencySlotAcquisitionError as error:
        assert name in str(error) and "must be created" in str(error), error
    assert api("POST", "/v2/concurrency_limits/increment-with-lease", {"names": [name], "slots": 1, "mode": "concurrency"})["limits"] == []
    assert names(flow_run_states(run["id"])) == ["Pending", "Running", "Completed"]


@scenario("tasks handed to the background")
def background_tasks():
    @task(tags=["later"], retries=3)
    def later(n):
        return n

    future = later.delay(5)
    run = api("GET", f"/task_runs/{future.task_run_id}")
    assert (run["state_type"], run["state_name"], run["flow_run_id"]) == ("SCHEDULED", "Scheduled", None), run["state"]
    assert run["state"]["state_details"]["deferred"] is True and run["empirical_policy"]["retries"] == 3
    assert run["state"]["state_details"]["task_parameters_id"] and run["tags"] == ["later"]
    with get_client(sync_client=True) as client:
        read = client.read_task_run(future.task_run_id)
    assert read.state.is_scheduled() and read.task_key == later.task_key


if __name__ == "__main__":
    run_scenarios()
