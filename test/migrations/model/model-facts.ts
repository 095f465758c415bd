import type { Catalog, CatalogKey, CatalogTable } from '../../../src/migrations/catalog/catalog.ts';
import type { ChainName } from '../../../src/migrations/chain/revisions.ts';
import type { Model, ModelTable } from './model.ts';

/**
 * What a database must hold by the model alone, told without the planner that made it: where both of two databases
 * lack something they are equal, too.
 */
export function factsOfModel(model: Model, chain: ChainName): string[] {
  return Object.entries(model.tables)
    .flatMap(([name, table]) => tableFacts(name, table, chain))
    .sort();
}

function tableFacts(name: string, table: ModelTable, chain: ChainName): string[] {
  const facts = [`key ${table.keyName ?? `pk_${name}`} ${table.key}`];
  for (const [column, { notNull = false, default: value, generated }] of Object.entries(table.columns)) {
    // A column of the key can't be empty either.
    const needs = notNull || table.key.includes(column);
    const kind = generated && (chain === 'pg' ? 'stored' : generated.kind);
    facts.push(`column ${column} ${needs} ${value !== undefined} ${kind}`);
  }
  for (const [key, columns] of Object.entries(table.uniques ?? {})) facts.push(`unique ${key} ${columns}`);
  for (const key of Object.keys(table.checks ?? {})) facts.push(`check ${key}`);
  for (const [key, { columns, table: target, refers, onDelete = 'no action' }] of Object.entries(
    table.keys ?? {},
  )) {
    facts.push(`foreign ${key} ${columns} ${target} ${refers} ${onDelete}`);
  }
  for (const [index, { keys, unique = false, where, only }] of Object.entries(table.indexes ?? {})) {
    if (only === undefined || only === chain)
      facts.push(`index ${index} ${keys.length} ${unique} ${where !== undefined}`);
  }
  return facts.map((fact) => `${name}: ${fact}`);
}

export function factsOfCatalog(catalog: Catalog): string[] {
  return Object.entries(catalog.tables)
    .filter(([name]) => !name.startsWith('_'))
    .flatMap(([name, table]) => foundFacts(table).map((fact) => `${name}: ${fact}`))
    .sort();
}

function foundFacts(table: CatalogTable): string[] {
  const shown = ({ name, columns }: CatalogKey) => `${name} ${columns}`;
  return [
    ...(table.primaryKey ? [`key ${shown(table.primaryKey)}`] : []),
    ...table.columns.map(({ name, nullable, default: value, generated }) => {
      const kind = generated ? (generated.stored ? 'stored' : 'virtual') : undefined;
      return `column ${name} ${!nullable} ${!generated && value !== null} ${kind}`;
    }),
    ...table.uniques.map((key) => `unique ${shown(key)}`),
    ...table.checks.map(({ name }) => `check ${name}`),
    ...table.foreignKeys.map(
      (key) => `foreign ${shown(key)} ${key.refTable} ${key.refColumns} ${key.onDelete.toLowerCase()}`,
    ),
    ...table.indexes.map(
      (one) => `index ${one.name} ${one.keys.length} ${one.unique} ${one.predicate !== null}`,
    ),
  ];
}
