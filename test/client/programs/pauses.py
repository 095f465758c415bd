"""A flow that waits for another client: pauses, and inputs sent while it runs."""

import json
from typing import Optional
from uuid import uuid4

from prefect import flow, get_client, pause_flow_run, suspend_flow_run
from prefect.flow_runs import resume_flow_run
from prefect.input import RunInput, receive_input, send_input
from scenarios import run_scenarios, scenario
from server_view import api, check_flow_run, eventually, flow_run, flow_run_states, id_of, in_background, names, run_of, status, unique


@scenario("a pause that a second client ends")
def pause_and_resume():
    @flow(name=unique("pausing"))
    def pausing():
        pause_flow_run(timeout=60, poll_interval=1, key="first")
        return "went on"

    ending = in_background(lambda: pausing(return_state=True))
    paused = run_of(pausing.name, "PAUSED")
    assert paused["state_name"] == "Paused" and paused["state"]["state_details"]["pause_timeout"]
    assert paused["empirical_policy"]["pause_keys"] == ["first"], paused["empirical_policy"]
    resume_flow_run(paused["id"])
    state = ending.result(60)
    assert state.result() == "went on"
    run = check_flow_run(flow_run(paused["id"]), run_count=2)
    assert names(flow_run_states(run["id"])) == ["Pending", "Running", "Paused", "Running", "Completed"]


class Approval(RunInput):
    approved: bool
    amount: float = 1.0
    note: Optional[str] = None


@scenario("a pause with input, bad input refused")
def pause_with_input():
    @flow(name=unique("asking"))
    def asking():
        answer = pause_flow_run(wait_for_input=Approval.with_initial_data(description="Say **yes**"), timeout=60, poll_interval=1)
        return answer

    ending = in_background(lambda: asking(return_state=True))
    paused = run_of(asking.name, "PAUSED")
    keyset = paused["state"]["state_details"]["run_input_keyset"]
    schema = eventually(lambda: api("GET", f"/flow_runs/{paused['id']}/input/{keyset['schema']}"))
    assert schema["required"] == ["approved"] and list(schema["properties"]) == ["approved", "amount", "note"]
    for bad in ({}, {"approved": "perhaps"}, {"approved": True, "amount": "much"}, None):
        with get_client(sync_client=True) as client:
            result = client.resume_flow_run(paused["id"], run_input=bad)
        assert result.status.value == "REJECT", (bad, result)
    assert flow_run(paused["id"])["state_type"] == "PAUSED"
    resume_flow_run(paused["id"], run_input={"approved": True, "amount": 2.0})
    state = ending.result(60)
    answer = state.result()
    assert (answer.approved, answer.amount, answer.note) == (True, 2.0, None)
    check_flow_run(flow_run(paused["id"]), run_count=2)
    assert status("POST", f"/flow_runs/{paused['id']}/resume") == 200
    assert flow_run(paused["id"])["state_type"] == "COMPLETED", "resuming a finished run changed it"


class Order(RunInput):
    thing: str
    count: int


@scenario("inputs sent to a running flow and back")
def run_inputs():
    received = []

    @flow(name=unique("receiving"))
    def receiving():
        for order in receive_input(Order, timeout=30, poll_interval=0.3):
            received.append(order)
            order.respond(f"got {order.count} {order.thing}")
            if len(received) == 2:
                return received

    @flow(name=unique("sending"))
    def sending(receiver_id):
        answers = receive_input(str, timeout=30, poll_interval=0.3, raise_timeout_error=True)
        texts = []
        for order in (Order(thing="apples", count=3), Order(thing="pears ä", count=12345678901234567)):
            order.send_to(receiver_id)
            texts.append(answers.next())
        return texts

    ending = in_background(lambda: receiving(return_state=True))
    receiver = run_of(receiving.name, "RUNNING")
    sent = sending(receiver["id"], return_state=True)
    assert sent.result() == ["got 3 apples", "got 12345678901234567 pears ä"], sent.result()
    assert [order.count for order in ending.result(60).result()] == [3, 12345678901234567]
    assert str(received[0].metadata.sender) == f"prefect.flow-run.{sent.state_details.flow_run_id}"
    kept = api("POST", f"/flow_runs/{receiver['id']}/input/filter", {"prefix": "order", "limit": 50})
    assert [json.loads(one["value"])["count"] for one in kept] == [3, 12345678901234567], kept
    assert {one["sender"] for one in kept} == {f"prefect.flow-run.{sent.state_details.flow_run_id}"}


@scenario("inputs for a run that is not there")
def input_for_nobody():
    try:
        send_input("hello", flow_run_id=uuid4())
    except Exception as error:
        assert "404" in str(error) or "not found" in str(error).lower(), error
    else:
        raise AssertionError("sending to nobody worked")


@scenario("a pause that nobody ends")
def abandoned_pause():
    @flow(name=unique("abandoned"))
    def abandoned():
        pause_flow_run(timeout=1, poll_interval=1)

    state = abandoned(return_state=True)
    assert state.is_failed()
    run = flow_run(id_of(state))
    assert run["state_type"] == "FAILED" and "never resumed" in run["state"]["message"], run["state"]
    with get_client(sync_client=True) as client:
        result = client.resume_flow_run(run["id"])
    assert result.status.value == "ABORT", result


@scenario("suspending needs a deployment")
def suspension():
    @flow(name=unique("suspending"))
    def suspending():
        suspend_flow_run(timeout=10)

    state = suspending(return_state=True)
    assert state.is_failed()
    assert names(flow_run_states(id_of(state))) == ["Pending", "Running", "Failed"]


if __name__ == "__main__":
    run_scenarios()
