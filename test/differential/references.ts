/** Fills the references of a step (see sequence.ts). */
import { randomBytes, randomUUID } from 'node:crypto';

/** What both servers share in one play of a sequence: the generated values. */
export class Generated {
  readonly tag = `q${randomBytes(5).toString('hex')}`;
  readonly start = Date.now();
  private readonly uuids = new Map<string, string>();

  value(reference: string): string | undefined {
    if (reference === 'tag') return this.tag;
    const moment = /^now([+-][\d.]+)?$/.exec(reference);
    if (moment) return wireTime(this.start + Number(moment[1] ?? 0) * 1000);
    if (!reference.startsWith('uuid:')) return undefined;
    const known = this.uuids.get(reference) ?? randomUUID();
    this.uuids.set(reference, known);
    return known;
  }
}

/** Six digits that are no zeros, so that a server which cuts them is found out. */
const wireTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '123Z');

type Resolve = (reference: string) => unknown;

const REFERENCE = /<([a-z]\w*(?:[:.+-][\w.-]+)?)>/g;
const ALONE = /^<([a-z]\w*(?:[:.+-][\w.-]+)?)>$/;

export function fill(value: unknown, resolve: Resolve): unknown {
  if (typeof value === 'string') {
    const alone = ALONE.exec(value);
    if (alone) return resolve(alone[1]!);
    return value.replace(REFERENCE, (_, reference: string) => String(resolve(reference)));
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, resolve));
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const filled = Object.entries(value).map(([key, member]) => [fill(key, resolve), fill(member, resolve)]);
  return Object.fromEntries(filled);
}

/** The member of a saved answer that `flow.labels.a` names. */
export function member(saved: ReadonlyMap<string, unknown>, reference: string): unknown {
  const [name, ...path] = reference.split('.');
  if (!saved.has(name!)) throw new Error(`No earlier step saved <${reference}>`);
  return walk(saved.get(name!), path, reference);
}

export function walk(value: unknown, path: string[], reference: string): unknown {
  let at = value;
  for (const key of path) {
    if (at === null || typeof at !== 'object' || !(key in at))
      throw new Error(`<${reference}> has no ${key}`);
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}
