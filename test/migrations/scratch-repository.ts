import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as pg from 'drizzle-orm/pg-core';
import * as sqlite from 'drizzle-orm/sqlite-core';
import type { ChainName } from '../../src/migrations/chain/revisions.ts';
import { type CheckRule, checkGenerated, type Failure } from '../../src/migrations/check/check.ts';
import type { SchemaModules } from '../../src/migrations/generate/dialect.ts';
import { type GenerateOptions, generateRevisions } from '../../src/migrations/generate/generate.ts';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';
import { type RebaseResult, rebase } from '../../src/migrations/rebase/rebase.ts';
import { type ChainFiles, readFiles } from '../../src/migrations/repository/files.ts';
import { sqliteGenerator } from '../../src/migrations/sqlite/generate/generate.ts';

/** Tables with their columns, all text; `+name` is an index on the column. */
export type Tables = Record<string, readonly string[]>;

/** A repository of git with nothing but chains, notes and revisions.lock, whose schema a test changes at will. */
export class ScratchRepository {
  readonly folder = mkdtempSync(join(tmpdir(), 'repository-'));
  readonly drizzle = join(this.folder, 'drizzle');
  tables: Tables = {};
  private now = Date.parse('2026-11-22T09:30:00Z');

  constructor() {
    mkdirSync(this.drizzle);
    this.git('init', '--quiet', '--initial-branch=main');
    this.git('config', 'user.name', 'Nobody');
    this.git('config', 'user.email', 'nobody@example.com');
  }

  /** What git prints; throws if it refuses, unless it may. */
  git(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync('git', args, { cwd: this.folder, encoding: 'utf8' });
    if (status !== 0 && args[0] !== 'merge') throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  commit(message: string): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', message);
  }

  private options() {
    const chains = [
      { generator: sqliteGenerator, schema: this.schema('sqlite'), folder: join(this.drizzle, 'sqlite') },
      { generator: pgGenerator, schema: this.schema('pg'), folder: join(this.drizzle, 'pg') },
    ];
    // A minute later each time, so that who was first is plain.
    this.now += 60_000;
    return { chains, notesFolder: this.drizzle, now: new Date(this.now) };
  }

  private schema(chain: ChainName): SchemaModules {
    const core = (chain === 'sqlite'
      ? { ...sqlite, table: sqlite.sqliteTable }
      : { ...pg, table: pg.pgTable }) as unknown as typeof pg & { table: typeof pg.pgTable };
    return Object.fromEntries(
      Object.entries(this.tables).map(([name, items]) => {
        const columns = items.filter((item) => !item.startsWith('+'));
        const indexed = items.filter((item) => item.startsWith('+')).map((item) => item.slice(1));
        const built = Object.fromEntries(columns.map((column) => [column, core.text()]));
        const table = core.table(name, built, (t) =>
          indexed.map((column) =>
            core.index(`ix_${name}__${column}`).on(t[column] as unknown as pg.AnyPgColumn),
          ),
        );
        return [name, table];
      }),
    );
  }

  /** Generates a revision that leads to `tables`, and commits it. */
  async add(message: string, tables: Tables, more: Partial<GenerateOptions> = {}): Promise<void> {
    this.tables = tables;
    await generateRevisions({ ...this.options(), message, ...more });
    this.commit(message);
  }

  rebase(revision?: string): Promise<RebaseResult> {
    return rebase({ ...this.options(), revision });
  }

  async check(): Promise<readonly Failure[]> {
    return (await checkGenerated(this.options())).failures;
  }

  async rules(): Promise<CheckRule[]> {
    return (await this.check()).map(({ rule }) => rule);
  }

  chain(name: ChainName): ChainFiles {
    return readFiles(this.options().chains.find(({ generator }) => generator.chain === name)!);
  }

  /** `sqlite/<folder of the revision with that slug>`. */
  place(name: ChainName, slug: string): string {
    const found = this.chain(name).revisions.find(({ revision }) => revision.slug === slug);
    if (!found) throw new Error(`${name} has no revision ${slug}.`);
    return `${name}/${found.revision.folder}`;
  }

  read(...path: string[]): string {
    return readFileSync(join(this.drizzle, ...path), 'utf8');
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.drizzle, path), text);
  }

  edit(path: string, change: (text: string) => string): void {
    this.write(path, change(this.read(path)));
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
