import { createEmptyTarget, type EngineName } from '../support/engine.ts';
import type { ServerOptions } from './server.ts';

export interface ServerDatabase {
  database: ServerOptions['database'];
  dispose(): Promise<void>;
}

/** A database for a server in a process of its own: on SQLite a file in that server's home, which goes with it. */
export async function createServerDatabase(engine: EngineName): Promise<ServerDatabase> {
  if (engine === 'sqlite') return { database: 'sqlite', dispose: async () => {} };
  const { target, dispose } = await createEmptyTarget(engine);
  if (target.backend !== 'postgres') throw new Error(`A target for PostgreSQL is one of ${target.backend}`);
  return {
    database: `postgresql://${target.user}@${target.host}:${target.port}/${target.database}`,
    dispose,
  };
}
