"""Deployments as people make and run them: from Python, with `prefect deploy`, and with the commands of `prefect deployment`."""

import json
import os
import textwrap
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.schedules import Cron, Interval
from scenarios import run_scenarios, scenario
from server_view import api, flow_run, flow_run_states, moment, names, status, unique
from spawn import prefect

SOURCE = Path(os.environ["PREFECT_HOME"]) / "deployed"


def write_flow(name: str) -> str:
    """A file with a flow of this name, and its entrypoint."""
    SOURCE.mkdir(exist_ok=True)
    text = f'''
        from prefect import flow

        @flow(name="{name}")
        def greet(who: str = "you", times: int = 1) -> str:
            return f"hello {{who}}" * times
    '''
    (SOURCE / f"{name.replace('-', '_')}.py").write_text(textwrap.dedent(text))
    return f"{name.replace('-', '_')}.py:greet"


def a_pool() -> str:
    name = unique("pool")
    api("POST", "/work_pools/", {"name": name, "type": "process", "base_job_template": TEMPLATE})
    return name


TEMPLATE = {
    "job_configuration": {"command": "{{ command }}", "env": "{{ env }}", "working_dir": "{{ working_dir }}"},
    "variables": {
        "type": "object",
        "properties": {
            "command": {"type": "string"},
            "env": {"type": "object", "additionalProperties": {"type": "string"}, "default": {}},
            "working_dir": {"type": "string", "format": "path"},
        },
    },
}


@scenario("deploy from Python, run, change and find again")
def deploy_and_run():
    name, pool = unique("greet"), a_pool()
    entrypoint = write_flow(name)
    source = flow.from_source(source=str(SOURCE), entrypoint=entrypoint)
    limit = ConcurrencyLimitConfig(limit=3, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    options = dict(
        work_pool_name=pool,
        build=False,
        push=False,
        print_next_steps=False,
        tags=["one", "two"],
        parameters={"who": "world"},
        job_variables={"env": {"A": "1"}},
        concurrency_limit=limit,
        description="A greeting.",
        version="7",
    )
    id = source.deploy("first", schedules=[Interval(3600, slug="hourly"), Cron("0 9 * * *", timezone="Europe/Berlin")], **options)
    assert isinstance(id, UUID)

    with get_client(sync_client=True) as client:
        made = client.read_deployment(id)
        assert made.work_pool_name == pool and made.work_queue_name == "default" and made.version == "7"
        assert made.parameters == {"who": "world"} and made.job_variables == {"env": {"A": "1"}} and made.tags == ["one", "two"]
        assert made.global_concurrency_limit.limit == 3 and made.concurrency_options.collision_strategy == "CANCEL_NEW"
        assert {schedule.slug for schedule in made.schedules} == {"hourly", None}
        assert made.parameter_openapi_schema["properties"]["times"]["default"] == 1 and made.enforce_parameter_schema
        assert client.read_deployment_by_name(f"{name}/first").id == id

        # Deployed again, it is the same one, with what is now said of it.
        again = source.deploy("first", **{**options, "tags": ["three"], "concurrency_limit": None})
        assert again == id
        changed = client.read_deployment(id)
        assert changed.tags == ["three"] and changed.created == made.created and changed.schedules == []

    run = run_deployment(f"{name}/first", parameters={"times": 2}, timeout=0, tags=["mine"], flow_run_name="a run", job_variables={"env": {"B": "2"}})
    stored = flow_run(run.id)
    assert stored["parameters"] == {"who": "world", "times": 2} and set(stored["tags"]) == {"three", "mine"}
    assert stored["state_type"] == "SCHEDULED" and stored["deployment_id"] == str(id) and stored["deployment_version"] == "7"
    assert stored["job_variables"] == {"env": {"B": "2"}} and stored["work_queue_name"] == "default" and stored["name"] == "a run"


@scenario("what doesn't fit makes no run")
def misfits():
    name, pool = unique("greet"), a_pool()
    id = flow.from_source(source=str(SOURCE), entrypoint=write_flow(name)).deploy("d", work_pool_name=pool, build=False, push=False, print_next_steps=False)

    def refused(code: int, what: str, **wishes):
        try:
            run_deployment(f"{name}/d", timeout=0, **wishes)
        except (PrefectHTTPStatusError, httpx.HTTPStatusError) as error:
            assert error.response.status_code == code and what in error.response.text, error.response.text
        else:
            raise AssertionError(f"{wishes} made a run")

    refused(409, "'x' is not of type 'integer'", parameters={"times": "x"})
    refused(422, "Error creating flow run: Validation failed for field 'env'", job_variables={"env": "x"})
    try:
        run_deployment(f"{name}/nothing", timeout=0)
    except ObjectNotFound:
        pass
    else:
        raise AssertionError("there is no such deployment")
    runs = api("POST", "/flow_runs/filter", {"deployments": {"id": {"any_": [str(id)]}}, "flow_runs": {"state": {"name": {"any_": ["Scheduled"]}}}})
    assert [run for run in runs if not run["auto_scheduled"]] == []


@scenario("a deployment run from a flow is its subflow")
def as_subflow():
    name, pool = unique("greet"), a_pool()
    flow.from_source(source=str(SOURCE), entrypoint=write_flow(name)).deploy("d", work_pool_name=pool, build=False, push=False, print_next_steps=False)

    @task
    def who() -> str:
        return "somebody"

    @flow(name=unique("caller"))
    def caller():
        return run_deployment(f"{name}/d", timeout=0, parameters={"who": who()}, idempotency_key="once").id

    run = flow_run(caller())
    parent = api("GET", f"/task_runs/{run['parent_task_run_id']}")
    assert parent["state_type"] == "SCHEDULED" and parent["state"]["state_details"]["child_flow_run_id"] == run["id"]
    assert run["parameters"] == {"who": "somebody"} and run["idempotency_key"]


@scenario("prefect deploy and prefect deployment")
def command_line():
    name, pool = unique("greet"), a_pool()
    entrypoint = write_flow(name)
    prefect("--no-prompt", "deploy", entrypoint, "-n", "cli", "-p", pool, "-q", "fast", "--cron", "0 4 * * *", "-t", "cli", "--param", "times=3", cwd=SOURCE)
    full = f"{name}/cli"
    for options in ([], [name]):
        assert full in prefect("deployment", "ls", *options)
    shown = json.loads(prefect("deployment", "inspect", full, "-o", "json"))
    ran = prefect("deployment", "run", full, "--param", "who=them", "--tag", "by-hand", "--start-in", "2 hours")
    assert shown["work_queue_name"] == "fast" and shown["parameters"] == {"times": 3} and shown["tags"] == ["cli"]
    assert shown["schedules"][0]["schedule"]["cron"] == "0 4 * * *" and shown["pull_steps"]
    assert "UUID" in ran, ran
    runs = api("POST", "/flow_runs/filter", {"deployments": {"id": {"any_": [shown["id"]]}}})
    [run] = [run for run in runs if not run["auto_scheduled"]]
    assert run["parameters"] == {"times": 3, "who": "them"} and set(run["tags"]) == {"cli", "by-hand"}
    assert moment(run["expected_start_time"]) - moment(run["created"]) > timedelta(hours=1.9), run
    prefect("deployment", "run", full, "--param", "times=x", code=1)
    prefect("flow-run", "cancel", run["id"])
    prefect("flow-run", "retry", run["id"])
    assert names(flow_run_states(run["id"])) == ["Scheduled", "Cancelled", "Scheduled"]

    prefect("deployment", "delete", full)
    assert status("GET", f"/deployments/{shown['id']}") == 404
    assert status("GET", f"/flow_runs/{run['id']}") == 404
    prefect("deployment", "inspect", full, code=1)


if __name__ == "__main__":
    run_scenarios()
