"""Users' data comes back as it was sent, compared in Python: a server that reads JSON into JavaScript would change it."""

import json
import os
import random
from decimal import Decimal

from prefect import flow, get_client, task
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.artifacts import create_table_artifact
from scenarios import run_scenarios, scenario
from server_view import IS_PREFECT, api, eventually, flow_run, same, task_runs, unique

DEEP: list = []
for _ in range(60):
    DEEP = [DEEP, {"d": 1.0}]

VALUES = {
    "float": 1.0,
    "zero": 0.0,
    "minus zero": -0.0,
    "tenth": 0.1,
    "third": 1 / 3,
    "huge": 1e100,
    "tiny": 5e-324,
    "largest": 1.7976931348623157e308,
    "sum": 0.1 + 0.2,
    "int": 1,
    "past 53 bits": 9007199254740993,
    "past 64 bits": 12345678901234567890,
    "thirty digits": 123456789012345678901234567890,
    "negative": -98765432109876543210,
    "float of an int": 1e16,
    "true": True,
    "none": None,
    "unicode": "ä ß 日本 \U0001f600 \u2028 \u200b e\u0301",
    "escapes": 'quote " backslash \\ slash / tab \t newline \n \u001f',
    "10": "ten",
    "9": "nine",
    "-1": "minus",
    "01": "padded",
    "__proto__": {"constructor": 1.0},
    "constructor": "x",
    "": "empty key",
    "z": 1,
    "a": 2,
    "empty": {},
    "nothing": [],
    "text that looks like numbers": "1.0 and 1e5",
    "list": [1, 1.0, -0.0, "1", None, [], {}, [2.50]],
    "deep": DEEP,
    "timestamp": "2024-01-01T00:00:00Z",
}


def as_jsonb(value):
    """What PostgreSQL's jsonb keeps of a value: not the order of keys nor the sign of zero; with Prefect not the e of 1e16."""
    if isinstance(value, dict):
        return {key: as_jsonb(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [as_jsonb(item) for item in value]
    if isinstance(value, float) and not IS_PREFECT:
        return value or 0.0
    if isinstance(value, float):
        plain = format(Decimal(repr(value)), "f")
        return (float(plain) if "." in plain else int(plain)) or abs(float(plain))
    return value


def alike(sent, got, at: str = "") -> None:
    """The same as far as the column holds it; where that is all, `same` says so itself."""
    if os.environ.get("DATABASE") == "postgres":
        sent, got = as_jsonb(sent), as_jsonb(got)
    same(sent, got, at)


@scenario("parameters of a flow")
def parameters():
    seen = []

    @flow(name=unique("values"))
    def values(data, x: float, n: int):
        seen.append((data, x, n))

    state = values(VALUES, 2.0, 12345678901234567890, return_state=True)
    assert state.is_completed()
    run = flow_run(state.state_details.flow_run_id)
    alike({"data": VALUES, "x": 2.0, "n": 12345678901234567890}, run["parameters"], "parameters")
    with get_client(sync_client=True) as client:
        read = client.read_flow_run(run["id"])
        alike(VALUES, read.parameters["data"], "read_flow_run")
        if IS_PREFECT:  # answers lists with integers of more than 64 bits by a 500
            return
        (listed,) = client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run["id"]])))
    alike(VALUES, listed.parameters["data"], "read_flow_runs")
    page = api("POST", "/flow_runs/paginate", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    alike(VALUES, page["results"][0]["parameters"]["data"], "paginate")


@scenario("parameters and context of a run made by hand")
def created_by_hand():
    flow_id = api("POST", "/flows/", {"name": unique("by-hand")})["id"]
    made = api("POST", "/flow_runs/", {"flow_id": flow_id, "parameters": VALUES, "context": VALUES, "job_variables": VALUES})
    for field in ("parameters", "context", "job_variables"):
        alike(VALUES, made[field], f"made {field}")
        alike(VALUES, flow_run(made["id"])[field], f"read {field}")
    api("PATCH", f"/flow_runs/{made['id']}", {"parameters": {"p": VALUES}})
    alike(VALUES, flow_run(made["id"])["parameters"]["p"], "patched")


@scenario("random values, many at once")
def random_values():
    generator = random.Random(20261121)

    def anything(depth: int):
        kind = generator.randrange(9 if depth < 4 else 6)
        if kind == 0:
            return generator.uniform(-1, 1) * 10 ** generator.randrange(-300, 300)
        if kind == 1:
            return generator.randrange(-(10**40), 10**40)
        if kind == 2:
            return float(generator.randrange(-1000, 1000))
        if kind == 3:
            return "".join(chr(generator.choice([generator.randrange(32, 127), generator.randrange(160, 0xD7FF)])) for _ in range(8))
        if kind == 4:
            return generator.choice([True, False, None])
        if kind == 5:
            return generator.randrange(-(2**63), 2**63)
        if kind in (6, 7):
            return {str(generator.randrange(1000)) if generator.random() < 0.5 else f"k{i}": anything(depth + 1) for i in range(4)}
        return [anything(depth + 1) for _ in range(4)]

    flow_id = api("POST", "/flows/", {"name": unique("random")})["id"]
    for index in range(40):
        sent = {"value": anything(0)}
        made = api("POST", "/flow_runs/", {"flow_id": flow_id, "parameters": sent})
        alike(sent, flow_run(made["id"])["parameters"], f"random {index}")


@scenario("results that are kept, and state data")
def results():
    @task(persist_result=True)
    def give():
        return VALUES

    @flow(name=unique("results"), persist_result=True)
    def returning():
        return give()

    state = returning(return_state=True)
    same(VALUES, state.result(), "result")
    run = flow_run(state.state_details.flow_run_id)
    assert run["state"]["data"]["storage_key"], run["state"]["data"]
    (found,) = task_runs(run["id"], 1)
    assert found["state"]["data"]["storage_key"] != run["state"]["data"]["storage_key"]
    with get_client(sync_client=True) as client:
        again = client.read_flow_run(run["id"])
        same(VALUES, again.state.result(), "result read again")
    made = api("POST", "/flow_runs/", {"flow_id": run["flow_id"]})
    api("POST", f"/flow_runs/{made['id']}/set_state", {"state": {"type": "RUNNING"}})
    answer = api("POST", f"/flow_runs/{made['id']}/set_state", {"state": {"type": "COMPLETED", "data": VALUES}})
    alike(VALUES, answer["state"]["data"], "state data")
    alike(VALUES, flow_run(made["id"])["state"]["data"], "state data of the run")


@scenario("inputs of a flow run")
def inputs():
    flow_id = api("POST", "/flows/", {"name": unique("inputs")})["id"]
    run_id = api("POST", "/flow_runs/", {"flow_id": flow_id})["id"]
    with get_client(sync_client=True) as client:
        client.create_flow_run_input(run_id, key="values", value=json.dumps(VALUES))
        same(VALUES, json.loads(client.read_flow_run_input(run_id, "values")), "input")
        (found,) = client.filter_flow_run_input(run_id, key_prefix="val", limit=1, exclude_keys=set())
    same(json.dumps(VALUES), found.value, "input as text")


@scenario("data of artifacts")
def artifacts():
    made = api("POST", "/artifacts/", {"key": unique("values"), "type": "custom", "data": VALUES, "metadata_": {"k": "1.0"}})
    same(VALUES, made["data"], "made")
    same(VALUES, api("GET", f"/artifacts/{made['id']}")["data"], "read")
    for value in (1.0, -0.0, 12345678901234567890, 1e100, "1.0", None, [1.0]):
        made = api("POST", "/artifacts/", {"key": unique("one"), "data": value})
        got = api("GET", f"/artifacts/{made['id']}")["data"]
        if IS_PREFECT and isinstance(value, float | int):  # on SQLite its column takes 1.0 for the integer 1
            continue
        same(value, got, "one value")
    table = [{"n": 1.0, "m": 12345678901234567890}]
    artifact_id = create_table_artifact(table=table, key=unique("table"))
    same(table, json.loads(api("GET", f"/artifacts/{artifact_id}")["data"]), "table")


@scenario("payloads of events")
def payloads():
    from prefect.events import emit_event

    thing = unique("values")
    emitted = emit_event("values.sent", resource={"prefect.resource.id": thing}, payload=VALUES)
    (found,) = eventually(lambda: api("POST", "/events/filter", {"filter": {"resource": {"id": [thing]}}})["events"])
    assert found["id"] == str(emitted.id)
    alike(VALUES, found["payload"], "payload")


@scenario("labels and task inputs")
def labels():
    sent = {"f": 1.0, "i": 1, "t": "1.0", "b": True, "half": 0.5}
    made = api("POST", "/flows/", {"name": unique("labels"), "labels": sent})
    alike(sent, made["labels"], "flow")
    run = api("POST", "/flow_runs/", {"flow_id": made["id"], "labels": sent})
    got = {key: value for key, value in flow_run(run["id"])["labels"].items() if key in sent}
    alike(sent, got, "flow run")
    with get_client(sync_client=True) as client:
        client.update_flow_run_labels(run["id"], {"f": 2.0, "new": 3})
    got = flow_run(run["id"])["labels"]
    same([2.0, 3, 1], [got["f"], got["new"], got["i"]], "updated labels")


if __name__ == "__main__":
    run_scenarios()
