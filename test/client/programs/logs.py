"""What flows and tasks log, as the API keeps it."""

import logging
import time
from datetime import datetime, timezone

from prefect import flow, get_client, get_run_logger, task
from prefect.client.schemas import filters
from prefect.client.schemas.sorting import LogSort
from scenarios import run_scenarios, scenario
from server_view import api, eventually, id_of, moment, task_runs, unique


def logs_of(run_id, count: int) -> list[dict]:
    def enough():
        found = api("POST", "/logs/filter", {"logs": {"flow_run_id": {"any_": [str(run_id)]}}})
        return found if len(found) >= count else None

    return eventually(enough)


@scenario("logs, count and text as printed")
def logs():
    @task
    def talk(n):
        get_run_logger().warning("task %s says ünï \"hi\"", n)

    @flow(name=unique("logging"), log_prints=True)
    def logging_flow():
        logger = get_run_logger()
        for level in ("debug", "info", "warning", "error", "critical"):
            getattr(logger, level)("a %s line\nof two", level)
        print("printed", 1, 2.0)
        talk(7)

    since = datetime.now(timezone.utc)
    state = logging_flow(return_state=True)
    run_id = state.state_details.flow_run_id
    # Beside the user's: beginning and end of the flow, end of the task.
    found = logs_of(run_id, 9)
    messages = [log["message"] for log in found]
    for level in ("info", "warning", "error", "critical"):
        assert messages.count(f"a {level} line\nof two") == 1, messages
    assert messages.count("printed 1 2.0") == 1 and messages.count('task 7 says ünï "hi"') == 1
    levels = {log["message"].split()[1]: log["level"] for log in found if log["message"].startswith("a ")}
    assert levels["warning"] == logging.WARNING and levels["critical"] == logging.CRITICAL
    (task_run,) = task_runs(run_id, 1)
    said = next(log for log in found if log["message"].startswith("task 7"))
    assert said["task_run_id"] == task_run["id"] and said["name"] == "prefect.task_runs"
    times = [moment(log["timestamp"]) for log in found]
    assert times == sorted(times) and since <= times[0] and times[-1] <= datetime.now(timezone.utc)
    assert all(log["flow_run_id"] == str(run_id) for log in found)
    time.sleep(2.5)  # the client sends every two seconds: nothing may come twice
    assert len(logs_of(run_id, 9)) == len(found)
    with get_client(sync_client=True) as client:
        errors = client.read_logs(
            log_filter=filters.LogFilter(
                flow_run_id=filters.LogFilterFlowRunId(any_=[run_id]), level=filters.LogFilterLevel(ge_=logging.ERROR)
            ),
            sort=LogSort.TIMESTAMP_DESC,
        )
    assert [log.message.split()[1] for log in errors] == ["critical", "error"]


@scenario("many logs")
def many_logs():
    @flow(name=unique("chatty"))
    def chatty():
        logger = get_run_logger()
        for index in range(600):
            logger.info("line %d", index)

    run_id = chatty(return_state=True).state_details.flow_run_id
    found = []

    def all_there():
        found[:] = []
        while True:
            body = {"logs": {"flow_run_id": {"any_": [str(run_id)]}}, "offset": len(found)}
            page = api("POST", "/logs/filter", body)
            found.extend(page)
            if len(page) < 200:
                return len([log for log in found if log["message"].startswith("line ")]) >= 600

    eventually(all_there)
    lines = [log["message"] for log in found if log["message"].startswith("line ")]
    assert lines == [f"line {index}" for index in range(600)]


if __name__ == "__main__":
    run_scenarios()
