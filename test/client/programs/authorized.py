"""Against a server that asks for a user and a password, which this process has in its settings."""

import asyncio

from prefect import flow, get_client, get_run_logger, task
from prefect.client.orchestration import SyncPrefectClient
from prefect.events import emit_event
from prefect.events.clients import get_events_client, get_events_subscriber
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from scenarios import run_scenarios, scenario
from server_view import api, check_flow_run, eventually, flow_run, id_of, task_runs, unique


@scenario("the right words open every door")
def right():
    thing = unique("guarded")

    @task
    def step():
        emit_event("guarded.step", resource={"prefect.resource.id": thing})

    @flow(name=unique("guarded"))
    def guarded():
        get_run_logger().info("inside")
        step()

    state = guarded(return_state=True)
    run = check_flow_run(flow_run(id_of(state)))
    assert len(task_runs(run["id"], 1)) == 1
    logs = eventually(lambda: api("POST", "/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}}))
    assert "inside" in [log["message"] for log in logs]

    async def first_of_stream():
        async with get_events_subscriber() as events:
            async for event in events:
                if event.resource.id == thing:
                    return event.event

    assert asyncio.run(asyncio.wait_for(first_of_stream(), 20)) == "guarded.step"


@scenario("wrong words open none")
def wrong():
    before = api("POST", "/flow_runs/count", {})

    @flow(name=unique("refused"))
    def refused():
        raise AssertionError("a flow ran without leave")

    for words in ("admin:a secret", "admin:a secret: with colons ", "Admin:a secret: with colons", None):
        with temporary_settings(
            updates={PREFECT_API_AUTH_STRING: words} if words else {}, restore_defaults=set() if words else {PREFECT_API_AUTH_STRING}
        ):
            for attempt in (call_api, refused, listen, tell):
                refusal = refusal_of(attempt)
                assert refusal, f"{attempt} was let in with {words!r}"
    with SyncPrefectClient(PREFECT_API_URL.value(), api_key="admin:a secret: with colons") as client:
        assert refusal_of(lambda: client.read_flows())
    assert api("POST", "/flow_runs/count", {}) == before
    with get_client(sync_client=True) as client:
        assert client.api_healthcheck() is None


def refusal_of(attempt) -> str:
    try:
        attempt()
    except PrefectHTTPStatusError as error:
        assert error.response.status_code == 401 and error.response.json() == {"exception_message": "Unauthorized"}, error
        return "401"
    except Exception as error:
        message = repr(error)
        assert "auth" in message.lower() or "unauthorized" in message.lower() or "1002" in message or "403" in message, message
        return message
    return ""


def call_api():
    with get_client(sync_client=True) as client:
        client.read_flow_runs(limit=1)


def listen():
    async def first():
        async with get_events_subscriber():
            pass

    asyncio.run(asyncio.wait_for(first(), 20))


def tell():
    async def one():
        async with get_events_client(reconnection_attempts=0, checkpoint_every=1):
            pass

    asyncio.run(asyncio.wait_for(one(), 20))


if __name__ == "__main__":
    run_scenarios()
