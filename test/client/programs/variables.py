"""Variables and artifacts as people use them: from Python, from flows, and from the command line."""

import asyncio
import json

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, create_table_artifact
from prefect.client.orchestration import get_client
from prefect.variables import Variable
from scenarios import run_scenarios, scenario
from server_view import api, eventually, status, unique
from spawn import prefect


@scenario("a variable is set, read, overwritten and unset")
def set_and_get():
    name = unique("variable").replace("-", "_")
    assert Variable.get(name, default="nothing") == "nothing"
    made = Variable.set(name, {"a": [1, 2.5, None], "ä": True}, tags=["x", "y"])
    assert made.name == name and set(made.tags) == {"x", "y"}
    assert Variable.get(name) == {"a": [1, 2.5, None], "ä": True}
    try:
        Variable.set(name, 1)
        raise AssertionError("a variable was overwritten unasked")
    except ValueError as error:
        assert "overwrite" in str(error)
    Variable.set(name, "text", overwrite=True)
    assert Variable.get(name) == "text"
    for value in (1, 1.5, True, None, [], {}, "1.0", 12345678901234567):
        Variable.set(name, value, overwrite=True)
        got = Variable.get(name)
        assert got == value and type(got) is type(value), (got, value)
    assert Variable.unset(name) is True and Variable.unset(name) is False
    assert Variable.get(name, default=7) == 7


@scenario("a flow reads a variable that another has set")
def within_flows():
    name = unique("shared").replace("-", "_")

    @flow(name=unique("setting"))
    def setting():
        Variable.set(name, {"n": 1})

    @task
    def read():
        return Variable.get(name)

    @flow(name=unique("getting"))
    async def getting():
        await Variable.aset(name, {"n": 2}, overwrite=True)
        return [await Variable.aget(name), read()]

    setting()
    assert asyncio.run(getting()) == [{"n": 2}, {"n": 2}]


@scenario("its events tell of a variable")
def told():
    name = unique("told").replace("-", "_")
    Variable.set(name, 1)
    Variable.set(name, 2, overwrite=True)
    variable = api("GET", f"/variables/name/{name}")
    Variable.unset(name)
    body = {"filter": {"resource": {"id": [f"prefect.variable.{variable['id']}"]}, "order": "ASC"}}

    def enough():
        page = api("POST", "/events/filter", body)
        return page["events"] if page["total"] >= 3 else None

    events = eventually(enough)
    assert [event["event"].rsplit(".")[-1] for event in events] == ["created", "updated", "deleted"], events
    assert [event["payload"]["value"] for event in events] == [1, 2, 2]


@scenario("prefect variable ls, get, inspect, set and unset")
def variable_commands():
    name = unique("cli").replace("-", "_")
    prefect("variable", "set", name, '{"a": 1.0}', "--tag", "one", "--tag", "two")
    listed = json.loads(prefect("variable", "ls", "--limit", "200", "-o", "json"))
    assert name in {variable["name"] for variable in listed}
    got, inspected = prefect("variable", "get", name), json.loads(prefect("variable", "inspect", name, "-o", "json"))
    assert json.loads(got) == inspected["value"] == {"a": 1.0}, (got, inspected)
    assert set(inspected["tags"]) == {"one", "two"}
    prefect("variable", "set", name, "2", code=1)
    prefect("variable", "set", name, "2", "--overwrite")
    assert api("GET", f"/variables/name/{name}")["value"] == 2
    prefect("variable", "unset", name)
    assert status("GET", f"/variables/name/{name}") == 404
    for what in ("get", "inspect", "unset"):
        prefect("variable", what, name, code=1)


@scenario("prefect artifact ls, inspect and delete")
def artifact_commands():
    key = unique("cli-report")

    @flow(name=unique("reporting"))
    def reporting():
        first = create_markdown_artifact("# one", key=key, description="the first")
        second = create_table_artifact([{"a": 1}], key=key)
        create_progress_artifact(progress=50.0)
        return [str(first), str(second)]

    first, second = reporting()
    # With --all, or as JSON, the command falls over artifacts of other programs: without a key, or with a long number.
    every = prefect("artifact", "ls", "--limit", "200")
    inspected = prefect("artifact", "inspect", key, "-o", "json")
    assert key in every and second in every, every
    assert {artifact["id"] for artifact in json.loads(inspected)} == {first, second}, inspected
    prefect("artifact", "delete", "--id", second)
    assert api("GET", f"/artifacts/{key}/latest")["data"] == "# one"
    prefect("artifact", "delete", key)
    assert status("GET", f"/artifacts/{key}/latest") == 404
    prefect("artifact", "inspect", key, code=1)


@scenario("artifacts are read, updated and deleted by a client")
def artifacts_of_a_client():
    key = unique("client-report")

    async def use():
        async with get_client() as client:
            ids = [await create_markdown_artifact(f"# {n}", key=key) for n in (1, 2)]
            found = await client.read_artifacts()
            latest = await client.read_latest_artifacts()
            assert set(ids) <= {artifact.id for artifact in found}
            assert [one.latest_id for one in latest if one.key == key] == [ids[1]]
            await client.delete_artifact(ids[1])
            latest = await client.read_latest_artifacts()
            assert [one.latest_id for one in latest if one.key == key] == [ids[0]]

    asyncio.run(use())


if __name__ == "__main__":
    run_scenarios()
