"""A flow that goes on while its server is stopped and started again. Whoever runs this program does both, told by a line."""

import os
import time
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from scenarios import run_scenarios, scenario
from server_view import api, check_flow_run, eventually, flow_run, flow_run_states, id_of, names, task_runs, unique

HOME = Path(os.environ["PREFECT_HOME"])


def told(what: str) -> bool:
    broken = HOME / "broken"
    assert not broken.exists(), broken.read_text()
    return (HOME / what).exists()


@scenario("the server is restarted in the middle of a flow")
def restart():
    counts = {"before": 0, "down": 0, "after": 0}
    key = unique("report")

    @task
    def step(when):
        counts[when] += 1
        get_run_logger().info("step %s %d", when, counts[when])

    @flow(name=unique("child"))
    def child():
        step("after")

    @flow(name=unique("restarted"))
    def restarted():
        for _ in range(5):
            step("before")
        # Only what has been connected once asks again: let the first logs be sent.
        time.sleep(2.5)
        print("RESTART THE SERVER", flush=True)
        eventually(lambda: told("stopped"), 30)
        for _ in range(5):
            step("down")
        # Needs an answer: the client asks until it gets one.
        create_markdown_artifact("made while the server was away", key=key)
        eventually(lambda: told("started"), 60)
        for _ in range(5):
            step("after")
        child()

    state = restarted(return_state=True)
    assert state.is_completed(), state
    run = check_flow_run(flow_run(id_of(state)))
    assert names(flow_run_states(run["id"])) == ["Pending", "Running", "Completed"]
    runs = task_runs(run["id"], 16)
    assert counts == {"before": 5, "down": 5, "after": 6} and len(runs) == 16
    assert all(one["state_type"] == "COMPLETED" and one["run_count"] == 1 for one in runs)
    assert api("GET", f"/artifacts/{key}/latest")["flow_run_id"] == run["id"]

    def all_logged():
        found = api("POST", "/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}})
        said = [log["message"] for log in found if log["message"].startswith("step ")]
        return sorted(said) if len(said) >= 15 else None

    wanted = [f"step {when} {n}" for when in ("after", "before", "down") for n in range(1, 6)]
    assert eventually(all_logged) == wanted
    time.sleep(1)
    assert all_logged() == wanted, "a log line came twice"


if __name__ == "__main__":
    run_scenarios()
