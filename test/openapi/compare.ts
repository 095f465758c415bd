import { type Facts, type Json, type Operation, referencesIn } from './facts.ts';

export interface Difference {
  /** `POST /flows/filter body`, `FlowCreate.properties.tags.items`. */
  at: string;
  prefect: string;
  ours: string;
}

export interface Comparison {
  /** Operations of Prefect that this server has, and that it hasn't. */
  built: string[];
  missing: string[];
  /** Operations that Prefect doesn't have. */
  extra: string[];
  differences: Difference[];
}

/** Operations that both have, and every schema that these refer to. */
export function compareFacts(prefect: Facts, ours: Facts): Comparison {
  const wanted = Object.keys(prefect.operations);
  const built = wanted.filter((name) => name in ours.operations);
  const found: Difference[] = [];
  for (const name of built) {
    const [theirs, own] = [prefect.operations[name]!, ours.operations[name]!];
    for (const part of ['id', 'parameters', 'body', 'bodyRequired', 'responses'] as const) {
      compare(`${name} ${part}`, theirs[part], own[part], found);
    }
  }
  for (const name of schemasOf(prefect, built)) {
    compare(name, prefect.schemas[name], ours.schemas[name], found);
  }
  return {
    built,
    missing: wanted.filter((name) => !(name in ours.operations)),
    extra: Object.keys(ours.operations).filter((name) => !(name in prefect.operations)),
    differences: found,
  };
}

function schemasOf({ operations, schemas }: Facts, built: string[]): string[] {
  const reached = new Set<string>();
  const visit = (piece: Json | Operation | undefined): void => {
    for (const name of referencesIn(piece ?? null)) {
      if (reached.has(name)) continue;
      reached.add(name);
      visit(schemas[name]);
    }
  };
  for (const name of built) visit(operations[name]);
  return [...reached].sort();
}

function compare(at: string, prefect: unknown, ours: unknown, found: Difference[]): void {
  if (isBranching(prefect) && isBranching(ours)) {
    const keys = new Set([...Object.keys(prefect), ...Object.keys(ours)]);
    for (const key of keys) compare(`${at}.${key}`, prefect[key], ours[key], found);
  } else if (JSON.stringify(prefect) !== JSON.stringify(ours)) {
    found.push({
      at,
      prefect: JSON.stringify(prefect) ?? 'nothing',
      ours: JSON.stringify(ours) ?? 'nothing',
    });
  }
}

function isBranching(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && (!Array.isArray(value) || value.length > 0);
}
