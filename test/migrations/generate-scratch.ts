import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rename } from '../../src/migrations/generate/dialect.ts';
import {
  type Generated,
  type GeneratedPair,
  type GenerateOptions,
  generateRevisions,
} from '../../src/migrations/generate/generate.ts';
import { parseRename } from '../../src/migrations/generate/renames.ts';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';
import { sqliteGenerator } from '../../src/migrations/sqlite/generate/generate.ts';
import { type Model, type ModelColumn, type ModelTable, modulesOf } from './model/model.ts';

export const id: ModelColumn = { type: 'varchar', notNull: true };
export const name: ModelColumn = { type: 'varchar' };

export const table = (columns: ModelTable['columns'] = {}, more: Partial<ModelTable> = {}): ModelTable => ({
  columns: { id, ...columns },
  key: ['id'],
  ...more,
});

/** A schema with the one table that most changes need. */
export const only = (flow: ModelTable, enums: Model['enums'] = {}): Model => ({ enums, tables: { flow } });

export const renames = (...texts: string[]): Rename[] => texts.map((text) => parseRename(text)!);

/** A folder with two chains that scratch schemas make. */
export interface Scratch {
  generate(model: Model, options?: Partial<GenerateOptions>): Promise<Generated>;
  amend(model: Model, options?: Partial<GenerateOptions>): Promise<Generated>;
  read(...path: string[]): string;
  write(path: string, text: string): void;
  /** Every file with its text, but what a dot begins. */
  files(): Record<string, string>;
  dispose(): void;
}

export function startScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'generate-'));
  const generate = (model: Model, options: Partial<GenerateOptions>) =>
    generateRevisions({
      chains: [sqliteGenerator, pgGenerator].map((generator) => ({
        generator,
        schema: modulesOf(model, generator.chain),
        folder: join(folder, generator.chain),
      })),
      notesFolder: folder,
      now: new Date('2026-11-22T09:30:00Z'),
      ...options,
    });
  return {
    generate: (model, options) => generate(model, { message: 'change', ...options }),
    amend: (model, options) => generate(model, { amend: true, ...options }),
    read: (...path) => readFileSync(join(folder, ...path), 'utf8'),
    write: (path, text) => writeFileSync(path, text),
    files: () =>
      Object.fromEntries(
        readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
      ),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** `lossless`, or with the way down of each dialect when they differ. */
export function labelOf({ revisions: { sqlite, pg } }: GeneratedPair): string {
  return sqlite.label === pg.label ? sqlite.label : `SQLite ${sqlite.label}, PostgreSQL ${pg.label}`;
}
