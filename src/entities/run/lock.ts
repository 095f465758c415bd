interface Locked {
  run: { state_id: string | null };
  state: { id: string } | null;
}

/** What a read that locks a run finds: the run, and what is joined to it, of the same moment. */
export async function lockRun<Row extends Locked>(read: () => Promise<Row[]>): Promise<Row | undefined> {
  const [row] = await read();
  if (!row || row.run.state_id === (row.state?.id ?? null)) return row;
  // PostgreSQL waited for someone else's lock: it gives the new version of the run, but the rest as it was before the
  // wait. Now that the lock is ours, a second look sees both.
  const [second] = await read();
  return second;
}
