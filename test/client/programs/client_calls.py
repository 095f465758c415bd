"""get_client(): what its calls ask of the API, and what they make of the answers."""

import asyncio
from datetime import datetime, timedelta, timezone

from prefect import flow, get_client, task
from prefect.client.schemas import filters
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Completed, Failed, Pending, Running, Scheduled
from scenarios import run_scenarios, scenario
from server_view import api, id_of, task_runs, unique


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
