import type { Draft, Scene } from '../../facts/facts.ts';
import { renamed } from '../../facts/hazards.ts';
import { Reader } from '../../facts/reader.ts';
import { addColumn, alterColumn, dropColumn, oldName } from './columns.ts';
import { addConstraint, dropConstraint, exclusive, validateConstraint } from './constraints.ts';

type Action = (reader: Reader, table: string, scene: Scene) => Draft;

/** Actions by their first words; COLUMN may be left out, which is seen to before. */
const ACTIONS: readonly [words: string, action: Action][] = [
  ['add column', addColumn],
  ['drop column', dropColumn],
  ['alter column', alterColumn],
  ['add constraint', addConstraint],
  ['add primary key', (reader, table, scene) => unnamed('primary key', reader, table, scene)],
  ['add unique', (reader, table, scene) => unnamed('unique', reader, table, scene)],
  ['add foreign key', (reader, table, scene) => unnamed('foreign key', reader, table, scene)],
  ['add check', (reader, table, scene) => unnamed('check', reader, table, scene)],
  ['drop constraint', dropConstraint],
  ['validate constraint', validateConstraint],
  ['rename', rename],
];

/** Several actions of one statement share its locks, the strongest of them. */
export function alterTable(reader: Reader, scene: Scene): Draft {
  reader.take('if exists');
  reader.take('only');
  const table = reader.name();
  const drafts = reader.restParts().map((text) => alter(text, table, scene));
  if (drafts.some(({ kind }) => kind === 'unknown')) return { kind: 'unknown' };
  const notes = drafts.flatMap(({ note }) => note ?? []);
  return {
    kind: drafts.map(({ kind }) => kind).join(', '),
    tables: drafts.flatMap((draft) => draft.tables ?? []),
    locks: drafts.flatMap((draft) => draft.locks ?? []),
    work: drafts.flatMap((draft) => draft.work ?? []),
    loses: drafts.flatMap((draft) => draft.loses ?? []),
    hazards: drafts.flatMap((draft) => draft.hazards ?? []),
    rerunnable: drafts.every((draft) => draft.rerunnable),
    ...(notes.length > 0 ? { note: notes.join('; ') } : {}),
  };
}

function alter(text: string, table: string, scene: Scene): Draft {
  const withColumn = text
    .replace(/^(add|drop|alter)\s+(if\s+(?:not\s+)?exists\s+)?(["`])/i, '$1 column $2$3')
    .replace(
      /^(add|drop|alter)\s+(?!column\b|constraint\b|primary\b|unique\b|foreign\b|check\b|exclude\b|table\b)(?=\w)/i,
      '$1 column ',
    );
  const reader = new Reader(withColumn);
  const action = ACTIONS.find(([words]) => reader.take(words))?.[1];
  return action?.(reader, table, scene) ?? { kind: 'unknown' };
}

function unnamed(kind: string, reader: Reader, table: string, scene: Scene): Draft {
  return addConstraint(new Reader(`"" ${kind} ${reader.rest()}`), table, scene);
}

function rename(reader: Reader, table: string, scene: Scene): Draft {
  if (reader.take('constraint')) return exclusive('rename constraint', table);
  if (reader.take('to')) {
    const name = reader.name();
    scene.renamed.set(name, scene.renamed.get(table) ?? table);
    if (scene.created.has(table)) scene.created.add(name);
    return exclusive('rename table', table, { hazards: [renamed(table, table, name)] });
  }
  reader.take('column');
  const column = reader.name();
  reader.take('to');
  const name = reader.name();
  scene.renamedColumns.set(`${table}.${name}`, oldName(scene, table, column) ?? '');
  return exclusive('rename column', table, { hazards: [renamed(table, column, name)] });
}
