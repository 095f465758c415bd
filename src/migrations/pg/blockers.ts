import type pg from 'pg';

const LOOK_AFTER_MS = 1_000;
const LOOK_EVERY_MS = 2_000;
const SAY_AGAIN_MS = 10_000;

/** PostgreSQL gives the statement itself only to its own user and to superusers. */
const BLOCKERS = `
  select a.pid, a.application_name as name, host(a.client_addr) as address, a.state,
    extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.state_change, a.backend_start))::int as seconds,
    left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80) as query
  from pg_stat_activity a where a.pid = any(pg_blocking_pids($1)) order by a.xact_start limit 3`;

interface Blocker {
  pid: number;
  name: string;
  address: string | null;
  state: string | null;
  seconds: number;
  query: string;
}

/** Looks on, over a connection of its own, for whom a statement waits. */
export class BlockerWatch {
  /** Who was found last, in words. */
  last = 'another client';
  private readonly pid: number;
  private readonly connect: () => Promise<pg.Client>;
  private readonly say: (line: string) => void;
  private client: Promise<pg.Client> | undefined;
  private saidAt = 0;
  private said = '';

  constructor(pid: number, connect: () => Promise<pg.Client>, say: (line: string) => void) {
    this.pid = pid;
    this.connect = connect;
    this.say = say;
  }

  /** Most statements end before the first look, and cost nothing. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    let timer = setTimeout(() => look(), LOOK_AFTER_MS);
    let running = true;
    const look = (): void => {
      void this.look()
        // Who can't look must still migrate.
        .catch(() => {})
        .then(() => {
          if (running) timer = setTimeout(look, LOOK_EVERY_MS);
        });
    };
    try {
      return await work();
    } finally {
      running = false;
      clearTimeout(timer);
    }
  }

  private async look(): Promise<void> {
    this.client ??= this.connect();
    const { rows } = await (await this.client).query<Blocker>(BLOCKERS, [this.pid]);
    if (rows.length === 0) return;
    this.last = rows.map(describe).join(' and ');
    const who = rows.map(({ pid }) => pid).join();
    if (who === this.said && performance.now() - this.saidAt < SAY_AGAIN_MS) return;
    this.said = who;
    this.saidAt = performance.now();
    this.say(`waiting for a lock of ${this.last}`);
  }

  async close(): Promise<void> {
    const client = await this.client?.catch(() => undefined);
    await client?.end().catch(() => {});
  }
}

function describe({ pid, name, address, state, seconds, query }: Blocker): string {
  const from = address ? ` from ${address}` : '';
  const what = query === '' || query.startsWith('<insufficient') ? '' : `, last statement: ${query}`;
  return `${name || 'a client without a name'}${from} (PostgreSQL's process ${pid}, ${state ?? 'active'}, since ${seconds} s${what})`;
}
