"""Two turns of Prefect's own scheduler on the database that the environment names; prints what `planning.ts` reads."""

import asyncio
import json
import time

import sqlalchemy as sa
from prefect.server.database import provide_database_interface
from prefect.server.services.scheduler import schedule_deployments


async def count() -> int:
    db = provide_database_interface()
    async with db.session_context() as session:
        return await session.scalar(sa.select(sa.func.count()).select_from(db.FlowRun))


async def turn() -> float:
    began = time.perf_counter()
    await schedule_deployments()
    return (time.perf_counter() - began) * 1000


async def main() -> None:
    before = await count()
    first, second = await turn(), await turn()
    print(json.dumps({"first": first, "second": second, "runs": await count() - before}))


asyncio.run(main())
