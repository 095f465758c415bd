"""What a run leaves behind beside states and logs: artifacts, and events that are read back or told live."""

import asyncio

from prefect import flow, task
from prefect.artifacts import (
    Artifact,
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.events import emit_event
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter, EventResourceFilter
from scenarios import run_scenarios, scenario
from server_view import api, eventually, id_of, moment, task_runs, unique


@scenario("artifacts")
def artifacts():
    keys = {kind: unique(kind) for kind in ("markdown", "table", "link", "progress", "image")}

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
        update_progress_artifact(bar, progress=55.5, description="half way")
        image = create_image_artifact("https://x.test/ä.png", key=keys["image"], description="a picture")
        return [str(one) for one in (first, second, table, link, bar, image)]

    state = making(return_state=True)
    first, second, table, link, bar, image = state.result()
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
    assert (made["type"], made["data"], made["description"]) == ("progress", 55.5, "half way"), made
    made = api("GET", f"/artifacts/{image}")
    assert (made["type"], made["data"], made["description"]) == ("image", "https://x.test/ä.png", "a picture")
    found = api("POST", "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run_id]}}})
    assert {one["id"] for one in found} == {first, second, table, link, bar, image}


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


if __name__ == "__main__":
    run_scenarios()
