import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { heads } from '../../src/migrations/run/status.ts';
import { RepositoryCopy } from '../migrations/repository-copy.ts';
import { createMigratedTarget } from '../support/database.ts';
import { dialect, type EmptyTarget } from '../support/engine.ts';
import { fromSources } from '../support/program.ts';
import { Command, environmentOf } from './process.ts';

const chain = dialect === 'sqlite' ? 'sqlite' : 'pg';

/** The newest revision of this build. */
export const head = heads()[chain]!;
export const NEXT = 'eeeeeeeeeeee';
export const LAST = 'ffffffffffff';

/** On PostgreSQL its first revision takes as long as there is a row in a table `hold`, if there is one. */
const WAITS = `do $$ begin
  if to_regclass('hold') is not null then
    while exists (select from hold) loop perform pg_sleep(0.05); end loop;
  end if;
end $$`;

/** A build of the next version, with two revisions more. */
export class NewerBuild {
  private readonly copy = new RepositoryCopy();

  constructor() {
    const online = [
      'create table next (id integer primary key)',
      ...(dialect === 'postgres' ? [WAITS] : []),
      'insert into next values (1)',
    ];
    this.write(
      `2030_01_01_000000_${NEXT}_next`,
      [head.id, NEXT, '-- Transaction: none'],
      online,
      'drop table next',
    );
    const last = ['insert into next values (2)'];
    this.write(`2030_01_02_000000_${LAST}_last`, [NEXT, LAST, ''], last, 'delete from next where id = 2');
  }

  /** What is run instead of this build's own program. */
  get program(): string[] {
    return fromSources(join(this.copy.folder, 'src', 'main.ts'));
  }

  private write(
    name: string,
    [parent, id, header]: [string, string, string],
    up: string[],
    down: string,
  ): void {
    const folder = join(this.copy.folder, 'drizzle', chain, name);
    mkdirSync(folder);
    const text = up.join('\n--> statement-breakpoint\n');
    writeFileSync(
      join(folder, 'up.sql'),
      `-- Revision: ${id}\n-- Revises: ${parent}\n${header}\n\n${text}\n`,
    );
    writeFileSync(join(folder, 'down.sql'), `-- Down: lossless\n\n${down}\n`);
  }

  dispose(): void {
    this.copy.dispose();
  }
}

/** For each test of a file a database at this build's head, commands of either build on it, and the newer build. */
export function useBuilds() {
  let newer: NewerBuild;
  let database: EmptyTarget;
  const commands: Command[] = [];
  beforeAll(() => {
    newer = new NewerBuild();
  });
  afterAll(() => newer.dispose());
  beforeEach(async () => {
    database = await createMigratedTarget();
  });
  afterEach(async () => {
    for (const command of commands.splice(0)) await command.remove();
    await database.dispose();
  });
  return {
    get newer() {
      return newer;
    },
    get target() {
      return database.target;
    },
    run(args: string[], env: Record<string, string> = {}, program?: string[]): Command {
      const command = new Command(args, { ...environmentOf(database.target), ...env }, program);
      commands.push(command);
      return command;
    },
  };
}
