"""What a run leaves behind, and what the client's own calls say about it: logs, artifacts, events, get_client()."""

import asyncio
import logging
import time
from datetime import datetime, timedelta, timezone
from uuid import UUID, uuid4

from prefect import flow, get_client, get_run_logger, task
from prefect.artifacts import (
    Artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.schemas import filters
from prefect.client.schemas.sorting import FlowRunSort, LogSort
from prefect.events import emit_event
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter, EventResourceFilter
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Completed, Failed, Pending, Running, Scheduled
from scenarios import run_scenarios, scenario
from server_view import api, eventually, flow_run, moment, task_runs, unique


def logs_of(run_id, count: int) -> list[dict]:
    def enough():
        found = api("POST", "/logs/filter", {"logs": {"flow_run_id": {"any_": [str(run_id)]}}})
        return found if len(found) >= count else None

    return eventually(enough)


@scenario("logs, count and text as printed")
def logs():
    @task
    def talk(n):
        get_run_logger().warning("task %s says ünï \"hi\"", n)

    @flow(name=unique("logging"), log_prints=True)
    def logging_flow():
        logger = get_run_logger()
        for level in ("debug", "info", "warning", "error", "critical"):
            getattr(logger, level)("a %s line\nof two", level)
        print("printed", 1, 2.0)
        talk(7)

    since = datetime.now(timezone.utc)
    state = logging_flow(return_state=True)
    run_id = state.state_details.flow_run_id
    # Beside the user's: beginning and end of the flow, end of the task.
    found = logs_of(run_id, 9)
    messages = [log["message"] for log in found]
    for level in ("info", "warning", "error", "critical"):
        assert messages.count(f"a {level} line\nof two") == 1, messages
    assert messages.count("printed 1 2.0") == 1 and messages.count('task 7 says ünï "hi"') == 1
    levels = {log["message"].split()[1]: log["level"] for log in found if log["message"].startswith("a ")}
    assert levels["warning"] == logging.WARNING and levels["critical"] == logging.CRITICAL
    (task_run,) = task_runs(run_id, 1)
    said = next(log for log in found if log["message"].startswith("task 7"))
    assert said["task_run_id"] == task_run["id"] and said["name"] == "prefect.task_runs"
    times = [moment(log["timestamp"]) for log in found]
    assert times == sorted(times) and since <= times[0] and times[-1] <= datetime.now(timezone.utc)
    assert all(log["flow_run_id"] == str(run_id) for log in found)
    time.sleep(2.5)  # the client sends every two seconds: nothing may come twice
    assert len(logs_of(run_id, 9)) == len(found)
    with get_client(sync_client=True) as client:
        errors = client.read_logs(
            log_filter=filters.LogFilter(
                flow_run_id=filters.LogFilterFlowRunId(any_=[run_id]), level=filters.LogFilterLevel(ge_=logging.ERROR)
            ),
            sort=LogSort.TIMESTAMP_DESC,
        )
    assert [log.message.split()[1] for log in errors] == ["critical", "error"]


@scenario("many logs")
def many_logs():
    @flow(name=unique("chatty"))
    def chatty():
        logger = get_run_logger()
        for index in range(600):
            logger.info("line %d", index)

    run_id = chatty(return_state=True).state_details.flow_run_id
    found = []

    def all_there():
        found[:] = []
        while True:
            body = {"logs": {"flow_run_id": {"any_": [str(run_id)]}}, "offset": len(found)}
            page = api("POST", "/logs/filter", body)
            found.extend(page)
            if len(page) < 200:
                return len([log for log in found if log["message"].startswith("line ")]) >= 600

    eventually(all_there)
    lines = [log["message"] for log in found if log["message"].startswith("line ")]
    assert lines == [f"line {index}" for index in range(600)]


@scenario("artifacts")
def artifacts():
    keys = {kind: unique(kind) for kind in ("markdown", "table", "link", "progress")}

    @task
    def report():
        return create_markdown_artifact("# ä", key=keys["markdown"], description="first")

    @flow(name=unique("artifacts"))
    def making():
        first = report()
        second = create_markdown_artifact("# two", key=keys["markdown"])
        table = create_table_artifact([{"a": 1, "b": None}], key=keys["table"])
        link = create_link_artifact("https://x.test/?a=1&b=2", link_text="there", key=keys["link"])
        bar = create_progress_artifact(progress=10.0, key=keys["progress"])
        return [str(one) for one in (first, second, table, link, bar)]

    state = making(return_state=True)
    first, second, table, link, bar = state.result()
    run_id = str(state.state_details.flow_run_id)
    (task_run,) = task_runs(run_id, 1)
    made = api("GET", f"/artifacts/{first}")
    assert (made["type"], made["data"], made["description"]) == ("markdown", "# ä", "first")
    assert made["task_run_id"] == task_run["id"] and made["flow_run_id"] == run_id
    latest = api("GET", f"/artifacts/{keys['markdown']}/latest")
    assert latest["data"] == "# two" and latest["description"] is None and first != second, latest
    assert Artifact.get(keys["markdown"]).data == "# two"
    assert api("GET", f"/artifacts/{table}")["type"] == "table"
    assert api("GET", f"/artifacts/{link}")["data"] == "[there](https://x.test/?a=1&b=2)"
    made = api("GET", f"/artifacts/{bar}")
    assert made["type"] == "progress" and made["data"] == 10.0 and isinstance(made["data"], float)


def events_of(thing: str, count: int) -> list[dict]:
    def enough():
        body = {"filter": {"resource": {"id": [thing]}, "order": "ASC"}}
        page = api("POST", "/events/filter", body)
        return page["events"] if page["total"] >= count else None

    return eventually(enough)


@scenario("events emitted and read back")
def events():
    thing = unique("thing")
    related = [{"prefect.resource.id": unique("owner"), "prefect.resource.role": "owner", "team": "blue"}]
    first = emit_event("thing.made", resource={"prefect.resource.id": thing, "kind": "ä"}, related=related, payload={"n": 1.0})
    second = emit_event("thing.used", resource={"prefect.resource.id": thing}, follows=first)
    one, two = events_of(thing, 2)
    assert (one["id"], two["id"]) == (str(first.id), str(second.id))
    assert one["resource"] == {"prefect.resource.id": thing, "kind": "ä"} and one["payload"] == {"n": 1.0}
    assert related[0] in one["related"] and related[0] not in two["related"] and two["follows"] == one["id"], (one, two)
    assert moment(one["occurred"]) == first.occurred and moment(one["occurred"]) <= moment(one["received"])


@scenario("events of a flow run and of its tasks")
def events_of_runs():
    @task
    def step():
        return 1

    @flow(name=unique("eventful"))
    def eventful():
        return step()

    run_id = str(eventful(return_state=True).state_details.flow_run_id)
    flow_events = events_of(f"prefect.flow-run.{run_id}", 3)
    states = [event for event in flow_events if event["event"] != "prefect.flow-run.heartbeat"]
    assert [event["event"] for event in states] == [f"prefect.flow-run.{name}" for name in ("Pending", "Running", "Completed")]
    assert states[1]["follows"] == states[0]["id"] and states[2]["follows"] == states[1]["id"]
    assert states[0]["payload"]["initial_state"] is None
    assert states[2]["payload"]["intended"] == {"from": "RUNNING", "to": "COMPLETED"}
    ids = {state["id"] for state in api("GET", f"/flow_run_states/?flow_run_id={run_id}")}
    assert ids == {event["id"] for event in states}
    (task_run,) = task_runs(run_id, 1)
    task_events = events_of(f"prefect.task-run.{task_run['id']}", 3)
    assert [event["event"] for event in task_events] == [f"prefect.task-run.{name}" for name in ("Pending", "Running", "Completed")]
    assert any(one["prefect.resource.id"] == f"prefect.flow-run.{run_id}" for one in task_events[0]["related"])


@scenario("a subscriber gets events live, and those of before")
def subscriber():
    thing, other = unique("live"), unique("other")

    async def listen():
        got = []
        emit_event("live.before", resource={"prefect.resource.id": thing})
        await asyncio.to_thread(events_of, thing, 1)
        wanted = EventFilter(event=EventNameFilter(prefix=["live."]), resource=EventResourceFilter(id=[thing]))
        async with get_events_subscriber(filter=wanted) as events:
            for index in range(5):
                emit_event("live.now", resource={"prefect.resource.id": thing}, payload={"index": index})
                emit_event("live.now", resource={"prefect.resource.id": other})
                emit_event("dead.now", resource={"prefect.resource.id": thing})
            async for event in events:
                got.append(event)
                if len(got) == 6:
                    return got

    got = asyncio.run(asyncio.wait_for(listen(), 30))
    assert [event.event for event in got] == ["live.before"] + ["live.now"] * 5
    assert sorted(event.payload["index"] for event in got[1:]) == [0, 1, 2, 3, 4]
    assert all(event.resource.id == thing for event in got)


@scenario("the client's calls about flow runs")
def client_calls():
    @flow(name=unique("called"))
    def called(n=1):
        pass

    with get_client(sync_client=True) as client:
        states = [Scheduled(scheduled_time=datetime.now(timezone.utc) + timedelta(hours=1)), Pending(), Running(), Completed(), Failed()]
        runs = [client.create_flow_run(called, name=f"run-{index}", state=state, tags=["x", f"t{index}"], parameters={"n": index}) for index, state in enumerate(states)]
        mine = filters.FlowFilter(name=filters.FlowFilterName(any_=[called.name]))
        by_name = client.read_flow_runs(flow_filter=mine, sort=FlowRunSort.NAME_DESC)
        assert [run.name for run in by_name] == [f"run-{index}" for index in (4, 3, 2, 1, 0)]
        page = client.read_flow_runs(flow_filter=mine, sort=FlowRunSort.NAME_ASC, limit=2, offset=1)
        assert [run.name for run in page] == ["run-1", "run-2"]
        done = filters.FlowRunFilter(state=filters.FlowRunFilterState(type=filters.FlowRunFilterStateType(any_=["COMPLETED", "FAILED"])))
        assert {run.id for run in client.read_flow_runs(flow_filter=mine, flow_run_filter=done)} == {runs[3].id, runs[4].id}
        tagged = filters.FlowRunFilter(tags=filters.FlowRunFilterTags(all_=["x", "t2"]))
        assert [run.id for run in client.read_flow_runs(flow_filter=mine, flow_run_filter=tagged)] == [runs[2].id]
        soon = filters.FlowRunFilter(next_scheduled_start_time=filters.FlowRunFilterNextScheduledStartTime(after_=datetime.now(timezone.utc)))
        assert [run.id for run in client.read_flow_runs(flow_filter=mine, flow_run_filter=soon)] == [runs[0].id]
        assert client.count_flow_runs(flow_filter=mine) == 5
        assert len(client.read_flows(flow_filter=mine)) == 1 and client.read_flow_by_name(called.name).id == runs[0].flow_id
        result = client.set_flow_run_state(runs[3].id, Running(), force=False)
        assert result.status.value == "ACCEPT", result
        result = client.set_flow_run_state(runs[2].id, Pending())
        assert result.status.value == "ABORT", result
        result = client.set_flow_run_state(runs[2].id, Pending(), force=True)
        assert result.status.value == "ACCEPT" and client.read_flow_run(runs[2].id).state.is_pending()
        assert [state.type.value for state in client.read_flow_run_states(runs[2].id)] == ["RUNNING", "PENDING"]
        client.update_flow_run(runs[1].id, name="renamed", tags=["new"], parameters={"n": 5.0}, infrastructure_pid="host:77")
        renamed = client.read_flow_run(runs[1].id)
        assert (renamed.name, renamed.tags, renamed.parameters, renamed.infrastructure_pid) == ("renamed", ["new"], {"n": 5.0}, "host:77")
        client.set_flow_run_name(runs[1].id, "again")
        client.update_flow_run_labels(runs[1].id, {"team": "blue", "n": 2})
        labels = client.read_flow_run(runs[1].id).labels
        assert labels["team"] == "blue" and labels["n"] == 2 and labels["prefect.flow.id"] == str(runs[1].flow_id)
        client.delete_flow_run(runs[4].id)
        for call in (client.read_flow_run, client.delete_flow_run):
            try:
                call(runs[4].id)
            except ObjectNotFound:
                continue
            raise AssertionError("a deleted run was found")
        assert client.count_flow_runs(flow_filter=mine) == 4
        assert client.api_healthcheck() is None and client.hello().json() == "👋"
        assert client.api_version() == "3.8.8"


@scenario("the client's calls about task runs")
def task_run_calls():
    @task(tags=["mine"])
    def step():
        pass

    @flow(name=unique("task-calls"))
    def parent():
        step()

    run_id = parent(return_state=True).state_details.flow_run_id
    task_runs(run_id, 1)
    with get_client(sync_client=True) as client:
        of_run = filters.FlowRunFilter(id=filters.FlowRunFilterId(any_=[run_id]))
        (found,) = client.read_task_runs(flow_run_filter=of_run)
        assert client.read_task_run(found.id).name == found.name and found.tags == ["mine"]
        client.set_task_run_name(found.id, "other")
        assert client.read_task_run(found.id).name == "other"
        made = client.create_task_run(step, flow_run_id=run_id, dynamic_key="by-hand", state=Pending(), name="by hand")
        result = client.set_task_run_state(made.id, Cancelled(), force=True)
        assert result.status.value == "ACCEPT" and client.read_task_run(made.id).state.is_cancelled()
        assert [state.type.value for state in client.read_task_run_states(made.id)] == ["PENDING", "CANCELLED"]
        assert len(client.read_task_runs(flow_run_filter=of_run)) == 2


@scenario("the asynchronous client, many calls at once")
def async_client():
    @flow(name=unique("async-calls"))
    async def called(n=0):
        pass

    async def many():
        async with get_client() as client:
            runs = await asyncio.gather(*[client.create_flow_run(called, parameters={"n": n}) for n in range(20)])
            read = await asyncio.gather(*[client.read_flow_run(run.id) for run in runs])
            assert [run.parameters["n"] for run in read] == list(range(20))
            states = await asyncio.gather(*[client.set_flow_run_state(run.id, Running()) for run in runs])
            assert {state.status.value for state in states} == {"ACCEPT"}
            assert await client.count_flow_runs(flow_filter=filters.FlowFilter(name=filters.FlowFilterName(any_=[called.name]))) == 20

    asyncio.run(many())


if __name__ == "__main__":
    run_scenarios()
