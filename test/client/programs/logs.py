"""What flows and tasks log, as the API keeps it."""

import logging
import os
import time
from datetime import datetime, timezone

os.environ["PREFECT_LOGGING_EXTRA_LOGGERS"] = "my_library"  # read when prefect is imported

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


@scenario("text as odd as it gets")
def odd_text():
    odd = [
        "", " ", "\n", "trailing \n\n", "tab\tand\rreturn", "ä ß 日本 🙂 \u2028\u2029\ufeff e\u0301", "[bold]no markup[/bold]",
        "100% of %s and {braces}", "\x1b[31mred\x1b[0m", "C:\\path\\n", '"quoted" and \'single\'', "\x07bell \x7f del", "<script>&amp;</script>",
        "x" * 50_000,
    ]

    @flow(name=unique("odd"))
    def odd_flow():
        logger = get_run_logger()
        for text in odd:
            logger.info("%s", text)

    run_id = id_of(odd_flow(return_state=True))
    said = [log["message"] for log in logs_of(run_id, len(odd) + 1)]
    for text in odd:
        assert said.count(text) == 1, (text[:100], [one[:100] for one in said])


@scenario("loggers of the user's own")
def own_loggers():
    @flow(name=unique("own-loggers"))
    def own():
        logging.getLogger("my_library").error("from a library")
        logging.getLogger("my_library.part").error("from a part of it")
        logging.getLogger("elsewhere").error("not to be sent")
        get_run_logger().info("that is all")

    run_id = id_of(own(return_state=True))
    by_logger = {log["name"]: log["message"] for log in logs_of(run_id, 5)}
    assert by_logger["my_library"] == "from a library" and by_logger["my_library.part"] == "from a part of it", by_logger
    assert "elsewhere" not in by_logger


if __name__ == "__main__":
    run_scenarios()
