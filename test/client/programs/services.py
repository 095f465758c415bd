"""What the server does by itself, with its services told to come often: see OFTEN in suite.ts."""

import asyncio
from datetime import timedelta
from uuid import UUID

from prefect import flow, get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import StateType
from prefect.exceptions import InfrastructureNotAvailable
from prefect.logging.clients import get_logs_subscriber
from prefect.states import Cancelled, Cancelling, Paused, Pending, Running, Scheduled
from prefect.types._datetime import now
from prefect.workers.base import BaseJobConfiguration, BaseWorker
from scenarios import run_scenarios, scenario
from server_view import api, eventually, unique


@flow(name=unique("attended"))
def attended():
    pass


def state_of(run_id) -> dict:
    return api("GET", f"/flow_runs/{run_id}")["state"]


def until(run_id, name: str) -> dict:
    def there():
        state = state_of(run_id)
        return state if state["name"] == name else None

    return eventually(there)


def task_run_of(flow_run_id, state: str) -> dict:
    return api(
        "POST",
        "/task_runs/",
        {"flow_run_id": str(flow_run_id), "task_key": unique("t"), "dynamic_key": "0", "state": {"type": state}},
    )


@scenario("a run that nobody starts is marked late, and keeps its time")
def late():
    with get_client(sync_client=True) as client:
        due = now("UTC") - timedelta(minutes=1)
        run = client.create_flow_run(attended, state=Scheduled(scheduled_time=due))
        future = client.create_flow_run(attended, state=Scheduled(scheduled_time=now("UTC") + timedelta(hours=1)))
        state = until(run.id, "Late")
        assert state["type"] == "SCHEDULED"
        read = client.read_flow_run(run.id)
        assert abs((read.next_scheduled_start_time - due).total_seconds()) < 0.001, read
        assert read.estimated_start_time_delta.total_seconds() > 59
        assert state_of(future.id)["name"] == "Scheduled"


@scenario("a pause that lasts too long fails the run")
def pause():
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(attended, state=Pending())
        client.set_flow_run_state(run.id, Running())
        client.set_flow_run_state(run.id, Paused(timeout_seconds=1, pause_key="k"))
        assert state_of(run.id)["type"] == "PAUSED"
        state = until(run.id, "Failed")
        assert state["message"] == "The flow was paused and never resumed.", state


@scenario("what a cancelled run had begun is cancelled with it")
def cancelled():
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(attended, state=Running())
        begun = task_run_of(run.id, "RUNNING")
        over = task_run_of(run.id, "COMPLETED")
        parent = task_run_of(run.id, "RUNNING")
        subflow = api(
            "POST",
            "/flow_runs/",
            {"flow_id": str(run.flow_id), "parent_task_run_id": parent["id"], "state": {"type": "RUNNING"}},
        )
        client.set_flow_run_state(run.id, Cancelled(), force=True)
        state = until(subflow["id"], "Cancelled")
        assert state["message"] == "The parent flow run was cancelled.", state

        def done():
            read = api("GET", f"/task_runs/{begun['id']}")
            return read if read["state"]["type"] == StateType.CANCELLED.value else None

        assert eventually(done)["state"]["message"] == "The parent flow run was cancelled."
        assert api("GET", f"/task_runs/{over['id']}")["state"]["type"] == "COMPLETED"


@scenario("a run that nobody ends is cancelled when cancelling takes too long")
def cancelling():
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(attended, state=Running())
        client.set_flow_run_state(run.id, Cancelling())
        state = until(run.id, "Cancelled")
        assert state["message"] == "Flow run cancellation timed out; marked this flow run as Cancelled.", state


@scenario("logs are streamed as they are written")
def streamed():
    async def listen() -> list[str]:
        async with get_client() as client:
            run = await client.create_flow_run(attended, state=Running())
            heard: list[str] = []
            filter = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[UUID(str(run.id))]))
            async with get_logs_subscriber(filter=filter) as subscriber:
                # The server says nothing of when it has begun to listen.
                async def write():
                    for n in range(100):
                        await asyncio.sleep(0.1)
                        log = {"name": "l", "level": 20, "message": f"line {n}", "timestamp": now("UTC").isoformat()}
                        await client._client.post("/logs/", json=[{**log, "flow_run_id": str(run.id)}])

                writing = asyncio.create_task(write())
                async for log in subscriber:
                    heard.append(log.message)
                    if len(heard) == 3:
                        break
                writing.cancel()
            return heard

    heard = asyncio.run(asyncio.wait_for(listen(), 30))
    numbers = [int(line.split()[1]) for line in heard]
    assert numbers == list(range(numbers[0], numbers[0] + 3)), heard


class Dismantler(BaseWorker):
    """A worker that takes down what it is told to, from the second time on."""

    type = "dismantler"
    job_configuration = BaseJobConfiguration
    asked: list[str] = []

    async def run(self, flow_run, configuration, task_status=None):
        raise NotImplementedError

    async def kill_infrastructure(self, infrastructure_pid, configuration, grace_seconds=30):
        self.asked.append(infrastructure_pid)
        if len(self.asked) == 1:
            raise InfrastructureNotAvailable("not yet")


@scenario("a worker takes down what is left of a run whose cancelling took too long, and is asked again when it can't")
def left_behind():
    pool = unique("pool")
    template = Dismantler.get_default_base_job_template()
    api("POST", "/work_pools/", {"name": pool, "type": "dismantler", "base_job_template": template})
    flow_id = api("POST", "/flows/", {"name": unique("left")})["id"]
    deployment = api("POST", "/deployments/", {"name": unique("d"), "flow_id": flow_id, "work_pool_name": pool})
    run = api("POST", f"/deployments/{deployment['id']}/create_flow_run", {"state": {"type": "PENDING"}})
    api("PATCH", f"/flow_runs/{run['id']}", {"infrastructure_pid": "host:42"})
    api("POST", f"/flow_runs/{run['id']}/set_state", {"state": {"type": "CANCELLING"}, "force": True})

    async def work():
        async with Dismantler(work_pool_name=pool, name=unique("w")) as worker:
            # What `prefect worker start` does every few seconds.
            await worker.sync_with_backend()
            assert worker._worker_channel.state.healthy
            for _ in range(300):
                if len(Dismantler.asked) == 2 and worker._worker_channel._cleanup_executor.in_flight_count == 0:
                    break
                await asyncio.sleep(0.1)
            await asyncio.sleep(1.5)

    asyncio.run(work())
    assert until(run["id"], "Cancelled")["message"].startswith("Flow run cancellation timed out")
    assert Dismantler.asked == ["host:42", "host:42"], Dismantler.asked


if __name__ == "__main__":
    run_scenarios()
