"""Schedules as people make them: with `serve`, from Python, and with `prefect deployment schedule`."""

import json
import signal
from datetime import datetime, timedelta, timezone

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.schedules import Cron, Interval, RRule
from scenarios import run_scenarios, scenario
from server_view import api, eventually, unique
from spawn import Process, prefect



@flow
def note(kind: str = "none", one: float = 1.0) -> str:
    return f"{kind} {one}"


def serve(name: str) -> None:
    """In a process of its own: each schedule is due some seconds from now, and every half a minute."""
    now = datetime.now(timezone.utc).replace(microsecond=0)
    first, second, third = (now + timedelta(seconds=seconds) for seconds in (7, 8, 9))
    halves = sorted({second.second, (second.second + 30) % 60})
    note.serve(
        name,
        schedules=[
            Interval(timedelta(seconds=30), anchor_date=first, parameters={"kind": "interval"}, slug="by-interval"),
            Cron(f"* * * * * {halves[0]},{halves[1]}", timezone="UTC", parameters={"kind": "cron"}),
            RRule(f"DTSTART:{third:%Y%m%dT%H%M%S}\nFREQ=SECONDLY;INTERVAL=30", timezone="UTC", parameters={"kind": "rrule"}),
        ],
    )


def runs_of(deployment: str, more: dict | None = None) -> list[dict]:
    body = {"deployments": {"id": {"any_": [deployment]}}, "flow_runs": more, "sort": "EXPECTED_START_TIME_ASC"}
    return api("POST", "/flow_runs/filter", body)


def deployment_named(name: str) -> dict | None:
    found = api("POST", "/deployments/filter", {"deployments": {"name": {"any_": [name]}}})
    return found[0] if found else None


@scenario("serve with a schedule of each kind")
def served():
    name = unique("served")
    process = Process(serve, name, env={"PREFECT_RUNNER_POLL_FREQUENCY": "1", "PREFECT_RUNNER_SERVER_ENABLE": "false"})
    made_by = {"interval": "by-interval", "cron": "CronSchedule", "rrule": "RRuleSchedule"}
    try:
        deployment = eventually(lambda: deployment_named(name), within=60)

        def done() -> list[dict]:
            runs = runs_of(deployment["id"], {"state": {"type": {"any_": ["COMPLETED"]}}})
            return runs if {run["parameters"]["kind"] for run in runs} == set(made_by) else []

        for run in eventually(done, within=90):
            assert run["created_by"]["display_value"] == made_by[run["parameters"]["kind"]], run
            assert run["auto_scheduled"] and run["run_count"] == 1 and "auto-scheduled" in run["tags"], run
            # Prefect lets a run begin up to half a second early.
            early = datetime.fromisoformat(run["expected_start_time"]) - datetime.fromisoformat(run["start_time"])
            assert early < timedelta(seconds=1), run
            assert run["idempotency_key"].startswith(f"scheduled {deployment['id']} {run['created_by']['id']} "), run
        planned = runs_of(deployment["id"], {"state": {"type": {"any_": ["SCHEDULED"]}}})
        assert {run["parameters"]["kind"] for run in planned} == set(made_by) and len(planned) > 100
        assert deployment_named(name)["status"] == "READY"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert api("GET", f"/deployments/{deployment['id']}")["paused"], process.output()
    assert runs_of(deployment["id"], {"state": {"type": {"any_": ["SCHEDULED"]}}}) == [], "paused: nothing stays planned"


def refused(error: type[Exception], call) -> Exception:
    try:
        call()
    except error as found:
        return found
    raise AssertionError(f"no {error.__name__}")


def a_deployment(**more) -> str:
    flow_id = api("POST", "/flows/", {"name": unique("flow")})["id"]
    return api("POST", "/deployments/", {"name": unique("deployment"), "flow_id": flow_id, **more})["id"]


@scenario("the client makes, changes, reads and deletes schedules")
def by_client():
    id = a_deployment(paused=True)
    day = datetime(2030, 3, 30, tzinfo=timezone.utc)
    with get_client(sync_client=True) as client:
        weekly = RRuleSchedule(rrule="FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=9", timezone="Asia/Tokyo")
        made = client.create_deployment_schedules(
            id,
            [
                DeploymentScheduleCreate(schedule=IntervalSchedule(interval=timedelta(minutes=90), anchor_date=day), max_scheduled_runs=5),
                DeploymentScheduleCreate(schedule=CronSchedule(cron="30 2 * * *", timezone="Europe/Berlin"), slug="nightly"),
                DeploymentScheduleCreate(schedule=weekly, active=False, parameters={"kind": "rare", "one": 2.0}),
            ],
        )
        assert [schedule.active for schedule in made] == [True, True, False]
        assert made[0].schedule == IntervalSchedule(interval=timedelta(minutes=90), anchor_date=day, timezone="UTC")
        assert made[2].schedule.rrule == "DTSTART:20200101T000000\nFREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=9"
        same = [DeploymentScheduleCreate(schedule=CronSchedule(cron="@daily"), slug="nightly")]
        assert "409" in str(refused(PrefectHTTPStatusError, lambda: client.create_deployment_schedules(id, same)))
        window = {"start_time": day.isoformat(), "end_time": (day + timedelta(days=2)).isoformat(), "min_time": 2 * 86400}
        api("POST", f"/deployments/{id}/schedule", {**window, "min_runs": 50})
        due = client.get_scheduled_flow_runs_for_deployments([id], scheduled_before=day + timedelta(days=3))
        assert len(due) == 33 + 2, len(due)  # every 90 minutes, and two nights
        # On the 31st there is no half past two.
        nightly = [run.expected_start_time.astimezone(timezone.utc).isoformat() for run in due if run.created_by.display_value == "nightly"]
        assert nightly == ["2030-03-30T01:30:00+00:00", "2030-03-31T00:30:00+00:00"], nightly

        client.update_deployment_schedule(id, made[1].id, active=False)
        assert client.get_scheduled_flow_runs_for_deployments([id]) == [], "what was planned goes with a change"
        read = client.read_deployment_schedules(id)
        assert {schedule.id: schedule.active for schedule in read} == {made[0].id: True, made[1].id: False, made[2].id: False}
        client.delete_deployment_schedule(id, made[0].id)
        refused(ObjectNotFound, lambda: client.delete_deployment_schedule(id, made[0].id))
        assert len(client.read_deployment(id).schedules) == 2


def command(*arguments: str) -> str:
    return prefect("deployment", "schedule", *arguments)


@scenario("prefect deployment schedule")
def by_command():
    flow_name, name = unique("flow"), unique("deployment")
    flow_id = api("POST", "/flows/", {"name": flow_name})["id"]
    id = api("POST", "/deployments/", {"name": name, "flow_id": flow_id})["id"]
    full = f"{flow_name}/{name}"
    every_hour = ["--interval", "3600", "--anchor-date", "2026-01-01T00:00:00", "--timezone", "America/New_York"]
    command("create", full, *every_hour, "-y")
    command("create", full, "--rrule", "FREQ=MONTHLY;BYDAY=-1FR", "--timezone", "Europe/London", "--no-active", "-y")
    command("create", full, "--cron", "0 9 * * 1-5", "--no-day_or", "-y")
    listed = json.loads(command("ls", full, "-o", "json"))
    schedules = api("GET", f"/deployments/{id}/schedules")
    assert {one["id"] for one in listed} == {one["id"] for one in schedules} and len(listed) == 3
    kinds = {next(kind for kind in ("interval", "cron", "rrule") if kind in one["schedule"]): one for one in schedules}
    assert kinds["cron"]["schedule"]["day_or"] is False and kinds["interval"]["schedule"]["interval"] == 3600.0
    assert kinds["interval"]["active"] and not kinds["rrule"]["active"]
    command("pause", full, kinds["cron"]["id"])
    command("resume", full, kinds["rrule"]["id"])
    active = {one["id"]: one["active"] for one in api("GET", f"/deployments/{id}/schedules")}
    assert active == {kinds["interval"]["id"]: True, kinds["cron"]["id"]: False, kinds["rrule"]["id"]: True}
    command("delete", full, kinds["interval"]["id"], "-y")
    assert len(api("GET", f"/deployments/{id}/schedules")) == 2
    command("create", full, "--cron", "@daily", "--replace", "-y")
    [only] = api("GET", f"/deployments/{id}/schedules")
    assert only["schedule"]["cron"] == "@daily", only
    command("clear", full, "-y")
    assert api("GET", f"/deployments/{id}/schedules") == []


if __name__ == "__main__":
    run_scenarios()
