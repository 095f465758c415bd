"""Concurrency limits and rate limits as flows and tasks use them, alone and against each other."""

import json
import threading
import time
import uuid

from prefect import flow, get_client, task
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy
from prefect.concurrency.sync import concurrency, rate_limit
from prefect.states import Completed, Pending, Running, Scheduled
from prefect.task_runners import ThreadPoolTaskRunner
from scenarios import run_scenarios, scenario
from server_view import IS_PREFECT, api, eventually, flow_run_states, names, status, task_runs, unique
from spawn import Process, prefect

V2 = "/v2/concurrency_limits"


def limit(name: str, size: int, decay: float = 0) -> str:
    with get_client(sync_client=True) as client:
        client.create_global_concurrency_limit(
            GlobalConcurrencyLimitCreate(name=name, limit=size, slot_decay_per_second=decay)
        )
    return name


def taken(name: str) -> int:
    return api("GET", f"{V2}/{name}")["active_slots"]


class Inside:
    """How many are inside at once, and how many were at most."""

    def __init__(self):
        self.lock, self.now, self.most, self.visits = threading.Lock(), 0, 0, 0

    def __enter__(self):
        with self.lock:
            self.now += 1
            self.visits += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_):
        with self.lock:
            self.now -= 1


@scenario("many tasks want few slots")
def contention():
    name = limit(unique("few"), 2)
    inside = Inside()

    @task
    def work():
        with concurrency(name, occupy=1), inside:
            time.sleep(0.1)

    @flow(name=unique("crowd"), task_runner=ThreadPoolTaskRunner(max_workers=6))
    def crowd():
        for future in [work.submit() for _ in range(6)]:
            future.result()

    crowd()
    assert (inside.most, inside.visits) == (2, 6), (inside.most, inside.visits)
    assert taken(name) == 0


@scenario("several slots of several limits")
def several():
    wide, narrow = limit(unique("wide"), 5), limit(unique("narrow"), 2)

    @flow(name=unique("several"))
    def holding():
        with concurrency([wide, narrow], occupy=2):
            return taken(wide), taken(narrow)

    assert holding() == (2, 2)
    assert (taken(wide), taken(narrow)) == (0, 0)


@scenario("a limit that isn't there")
def missing():
    name = unique("missing")

    @flow(name=unique("lenient"))
    def lenient():
        with concurrency(name):
            return "inside"

    @flow(name=unique("strict"))
    def strict():
        with concurrency(name, strict=True):
            return "inside"

    assert lenient() == "inside"
    state = strict(return_state=True)
    assert state.is_failed() and name in state.message, state


@scenario("a rate limit")
def rates():
    name = limit(unique("rate"), 1, decay=2)

    @flow(name=unique("paced"))
    def paced():
        moments = []
        for _ in range(3):
            rate_limit(name)
            moments.append(time.monotonic())
        return moments

    first, _, third = paced()
    # The second waits for half a second, and the third for another half.
    assert third - first > 0.9, third - first


@scenario("tasks of one tag")
def tags():
    tag = unique("tag")
    with get_client(sync_client=True) as client:
        client.create_concurrency_limit(tag=tag, concurrency_limit=1)
    inside = Inside()
    holders = []

    @task(tags=[tag])
    def work():
        with inside:
            holders.append(api("GET", f"/concurrency_limits/tag/{tag}")["active_slots"])
            time.sleep(0.05)

    @flow(name=unique("tagged"), task_runner=ThreadPoolTaskRunner(max_workers=3))
    def tagged():
        for future in [work.submit() for _ in range(3)]:
            future.result()

    state = tagged(return_state=True)
    assert (inside.most, inside.visits) == (1, 3), (inside.most, inside.visits)
    runs = task_runs(state.state_details.flow_run_id, 3)
    assert sorted(sum(holders, [])) == sorted(run["id"] for run in runs), holders
    assert api("GET", f"/concurrency_limits/tag/{tag}")["active_slots"] == []


def deployment(strategy: ConcurrencyLimitStrategy | None) -> tuple[str, list[str]]:
    """One with a limit of one run, and two runs of it."""
    flow_id = api("POST", "/flows/", {"name": unique("deployed")})["id"]
    config = strategy and {"collision_strategy": strategy.value}
    deployment_id = api(
        "POST",
        "/deployments/",
        {"flow_id": flow_id, "name": unique("d"), "concurrency_limit": 1, "concurrency_options": config},
    )["id"]
    with get_client(sync_client=True) as client:
        runs = [str(client.create_flow_run_from_deployment(deployment_id).id) for _ in range(2)]
    return deployment_id, runs


@scenario("a deployment with a limit lets its runs wait")
def enqueue():
    deployment_id, (one, other) = deployment(None)
    with get_client(sync_client=True) as client:
        accepted = client.set_flow_run_state(one, Pending())
        assert accepted.status.value == "ACCEPT", accepted
        assert accepted.state.state_details.deployment_concurrency_lease_id
        waiting = client.set_flow_run_state(other, Pending())
        assert (waiting.status.value, waiting.state.name) == ("REJECT", "AwaitingConcurrencySlot"), waiting
        assert client.set_flow_run_state(one, Running()).state.type.value == "RUNNING"
        assert client.set_flow_run_state(one, Completed()).state.type.value == "COMPLETED"
        assert client.set_flow_run_state(other, Pending()).status.value == "ACCEPT"
        client.set_flow_run_state(other, Scheduled())
    assert taken(f"deployment:{deployment_id}") == 0
    assert names(flow_run_states(other)) == ["Scheduled", "AwaitingConcurrencySlot", "Pending", "Scheduled"]


@scenario("a deployment with a limit cancels new runs")
def cancel_new():
    deployment_id, (one, other) = deployment(ConcurrencyLimitStrategy.CANCEL_NEW)
    with get_client(sync_client=True) as client:
        assert client.set_flow_run_state(one, Pending()).status.value == "ACCEPT"
        refused = client.set_flow_run_state(other, Pending())
        assert (refused.status.value, refused.state.type.value) == ("REJECT", "CANCELLED"), refused
        assert client.read_deployment(deployment_id).global_concurrency_limit.active_slots == 1
        client.delete_flow_run(one)
    assert taken(f"deployment:{deployment_id}") == 0


@scenario("limits of tags on the command line")
def tag_commands():
    tag = unique("cli")
    prefect("concurrency-limit", "create", tag, "3")
    run_id = str(uuid.uuid4())
    api("POST", "/concurrency_limits/increment", {"names": [tag], "task_run_id": run_id})
    shown = json.loads(prefect("concurrency-limit", "inspect", tag, "-o", "json"))
    assert (shown["tag"], shown["concurrency_limit"], shown["active_slots"]) == (tag, 3, [run_id]), shown
    assert tag in [one["tag"] for one in json.loads(prefect("concurrency-limit", "ls", "--limit", "200", "-o", "json"))]
    prefect("concurrency-limit", "reset", tag)
    assert api("GET", f"/concurrency_limits/tag/{tag}")["active_slots"] == []
    prefect("concurrency-limit", "delete", tag)
    assert status("GET", f"/concurrency_limits/tag/{tag}") == 404


@scenario("global limits on the command line")
def global_commands():
    name = unique("cli")
    prefect("global-concurrency-limit", "create", name, "--limit", "5", "--slot-decay-per-second", "0.5")
    prefect("global-concurrency-limit", "update", name, "--limit", "7", "--active-slots", "2")
    shown = json.loads(prefect("global-concurrency-limit", "inspect", name, "-o", "json"))
    assert (shown["limit"], shown["slot_decay_per_second"], shown["active"]) == (7, 0.5, True), shown
    prefect("global-concurrency-limit", "disable", name)
    listed = json.loads(prefect("global-concurrency-limit", "ls", "-o", "json"))
    assert [one["active"] for one in listed if one["name"] == name] == [False], listed
    prefect("global-concurrency-limit", "enable", name)
    assert api("GET", f"{V2}/{name}")["active"] is True
    prefect("global-concurrency-limit", "delete", name)
    assert status("GET", f"{V2}/{name}") == 404


def hold(name: str) -> None:
    """In a process of its own: takes the slot and waits for its end."""

    @flow
    def holding():
        with concurrency(name):
            print("inside", flush=True)
            time.sleep(120)

    holding()


@scenario("the holder of a slot is killed")
def killed():
    name = limit(unique("mine"), 1)
    process = Process(hold, name)
    try:
        eventually(lambda: taken(name) == 1, 40)
    finally:
        process.kill()
    assert taken(name) == 1
    if IS_PREFECT:
        return  # its leases last for minutes in its memory
    print("LET THE LEASES RUN OUT", flush=True)
    eventually(lambda: taken(name) == 0, 30)

    @flow(name=unique("next"))
    def after():
        with concurrency(name, timeout_seconds=20):
            return taken(name)

    assert after() == 1
    assert taken(name) == 0


if __name__ == "__main__":
    run_scenarios()
