"""get_client(): what its calls ask of the API, and what they make of the answers."""

import asyncio
from datetime import datetime, timedelta, timezone

from prefect import flow, get_client, task
from prefect.client.schemas import filters
from prefect.client.schemas.objects import FlowRunPolicy
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Cancelled, Completed, Failed, Pending, Running, Scheduled
from scenarios import run_scenarios, scenario
from server_view import IS_PREFECT, api, flow_run, flow_run_states, id_of, moment, names, task_runs, unique


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

    # Prefect's own server on SQLite answers many writers at once by 503, sometimes after the deed.
    count = 4 if IS_PREFECT else 20

    async def many():
        async with get_client() as client:
            runs = await asyncio.gather(*[client.create_flow_run(called, parameters={"n": n}) for n in range(count)])
            read = await asyncio.gather(*[client.read_flow_run(run.id) for run in runs])
            assert [run.parameters["n"] for run in read] == list(range(count))
            states = await asyncio.gather(*[client.set_flow_run_state(run.id, Running()) for run in runs])
            assert {state.status.value for state in states} == {"ACCEPT"}
            mine = filters.FlowFilter(name=filters.FlowFilterName(any_=[called.name]))
            assert await client.count_flow_runs(flow_filter=mine) == count
            await asyncio.gather(*[client.set_flow_run_state(run.id, Completed(data=None)) for run in runs[: count // 2]])
            await asyncio.gather(*[client.delete_flow_run(run.id) for run in runs[-2:]])
            left = await client.read_flow_runs(flow_filter=mine, sort=FlowRunSort.START_TIME_ASC)
            assert {run.id for run in left} == {run.id for run in runs[:-2]}
            assert [run.start_time for run in left] == sorted(run.start_time for run in left)
            states = await client.read_flow_run_states(runs[0].id)
            assert [state.type.value for state in states][-2:] == ["RUNNING", "COMPLETED"]
            await asyncio.gather(*[refused(client, run.id) for run in runs[-2:]])

    async def refused(client, run_id):
        try:
            await client.read_flow_run(run_id)
        except ObjectNotFound:
            return
        raise AssertionError("a deleted run was found")

    asyncio.run(many())


@scenario("what the server makes of proposed states: wait, reject, abort")
def orchestrated():
    @flow(name=unique("orchestrated"), retries=1, retry_delay_seconds=60)
    def orchestrated_flow():
        pass

    def propose(run, state, **options):
        result = client.set_flow_run_state(run.id, state, **options)
        return result.status.value, result.state.name if result.state else None, result.details

    with get_client(sync_client=True) as client:
        in_an_hour = Scheduled(scheduled_time=datetime.now(timezone.utc) + timedelta(hours=1))
        early = client.create_flow_run(orchestrated_flow, state=in_an_hour)
        assert propose(early, Pending())[:2] == ("ACCEPT", "Pending")
        early = client.create_flow_run(orchestrated_flow, state=in_an_hour)
        status, _, details = propose(early, Running())
        assert status == "WAIT" and 3500 < details.delay_seconds <= 3600 and details.reason, (status, details)
        assert propose(early, Running(), force=True)[0] == "ACCEPT" and flow_run(early.id)["state_name"] == "Running"

        failing = client.create_flow_run(orchestrated_flow, state=Running())
        client.update_flow_run(failing.id, empirical_policy=FlowRunPolicy(retries=1, retry_delay=60))
        status, name, details = propose(failing, Failed(message="once"))
        assert (status, name) == ("REJECT", "AwaitingRetry") and "etr" in details.reason, (status, name, details)
        run = flow_run(failing.id)
        due = moment(run["state"]["state_details"]["scheduled_time"]) - moment(run["state"]["timestamp"])
        assert run["state_type"] == "SCHEDULED" and timedelta(seconds=55) < due < timedelta(seconds=65), due
        assert propose(failing, Running())[0] == "WAIT"

        running = client.create_flow_run(orchestrated_flow, state=Running())
        status, _, details = propose(running, Pending())
        assert status == "ABORT" and "RUNNING" in details.reason, (status, details)
        assert names(flow_run_states(running.id)) == ["Running"]
        states = client.read_flow_run_states(failing.id)
        assert [state.name for state in states] == ["Running", "AwaitingRetry"]


@scenario("flows: made once, found, changed, counted, deleted")
def flows():
    tag = unique("tag")

    @flow(name=unique("a-flow"))
    def some():
        pass

    with get_client(sync_client=True) as client:
        made = client.create_flow(some)
        assert client.create_flow(some) == made, "a name made two flows"
        other = client.create_flow_from_name(unique("b-flow"))
        assert client.read_flow(made).name == some.name
        api("PATCH", f"/flows/{made}", {"tags": [tag]})
        by_tag = filters.FlowFilter(tags=filters.FlowFilterTags(all_=[tag]))
        assert [one.id for one in client.read_flows(flow_filter=by_tag)] == [made]
        both = filters.FlowFilter(id=filters.FlowFilterId(any_=[made, other]))
        assert [one.name[0] for one in client.read_flows(flow_filter=both, sort="NAME_DESC")] == ["b", "a"]
        assert api("POST", "/flows/count", {"flows": {"id": {"any_": [str(made), str(other)]}}}) == 2
        run = client.create_flow_run(some)
        client.delete_flow(made)
        for call, one in ((client.read_flow, made), (client.read_flow_run, run.id), (client.delete_flow, made)):
            try:
                call(one)
            except (ObjectNotFound, PrefectHTTPStatusError) as error:
                assert isinstance(error, ObjectNotFound) or error.response.status_code == 404, error
                continue
            raise AssertionError(f"{call.__name__} found what was deleted")
        assert client.read_flow(other).id == other


if __name__ == "__main__":
    run_scenarios()
