import { lt } from 'drizzle-orm';
import { openDatabase } from '../../src/db/open.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';

/** Lets every lease run out that somebody would have to renew, when the program says so: no lease is shorter than a minute. */
export function runOutOf(target: DatabaseTarget): (output: string) => void {
  let begun = false;
  return (output) => {
    if (begun || !output.includes('LET THE LEASES RUN OUT')) return;
    begun = true;
    endLeases(target).catch((error: unknown) => console.error(error));
  };
}

async function endLeases(target: DatabaseTarget): Promise<void> {
  const db = await openDatabase(target);
  try {
    const { _concurrency_lease: lease } = db.tables;
    const moment = now();
    await db.orm
      .update(lease)
      .set({ expiration: addSeconds(moment, -1) })
      .where(lt(lease.expiration, addSeconds(moment, 86_400)));
  } finally {
    await db.close();
  }
}
