import { Secret } from './secret.ts';

/** What a kind says of a value that it can't take: the end of a sentence, "must be ...". */
export class NotAllowed extends Error {}

/** How a setting of one type is read, from text (environment, .env, profile) or from TOML (already typed). */
export interface Kind<T> {
  readonly name: string;
  parse(raw: unknown): T;
}

export const refuse = (allowed: string): never => {
  throw new NotAllowed(allowed);
};

const TRUE = new Set(['true', '1', 'yes', 'on', 't', 'y']);
const FALSE = new Set(['false', '0', 'no', 'off', 'f', 'n']);

export const boolean: Kind<boolean> = {
  name: 'true or false',
  parse(raw) {
    if (typeof raw === 'boolean') return raw;
    const word = String(raw).trim().toLowerCase();
    if (TRUE.has(word)) return true;
    return FALSE.has(word) ? false : refuse('must be true or false');
  },
};

interface Range {
  min?: number;
  max?: number;
  /** Larger than this, not equal. */
  above?: number;
}

const range = ({ min, max, above }: Range): string => {
  if (above !== undefined) return ` above ${above}`;
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return `, ${min} or more`;
  return '';
};

const inRange = (value: number, { min, max, above }: Range): boolean =>
  value >= (min ?? -Infinity) && value <= (max ?? Infinity) && value > (above ?? -Infinity);

const readNumber = (raw: unknown, pattern: RegExp): number => {
  if (typeof raw === 'number') return raw;
  if (typeof raw === 'bigint') return Number(raw);
  const text = typeof raw === 'string' ? raw.trim() : '';
  return pattern.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN;
};

export const integer = (limits: Range = {}): Kind<number> => ({
  name: `a whole number${range(limits)}`,
  parse(raw) {
    const value = readNumber(raw, /^[+-]?\d+(_\d+)*(\.0*)?$/);
    const good = Number.isSafeInteger(value) && inRange(value, limits);
    return good ? value : refuse(`must be ${this.name}`);
  },
});

export const number = (limits: Range = {}): Kind<number> => ({
  name: `a number${range(limits)}`,
  parse(raw) {
    const value = readNumber(raw, /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i);
    return Number.isFinite(value) && inRange(value, limits) ? value : refuse(`must be ${this.name}`);
  },
});

const ISO = /^([+-])?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;
const CLOCK = /^(?:(\d+) ?d(?:ays?)?,? ?)?(?:(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?)?$/i;

const readDuration = (text: string): number => {
  const plain = readNumber(text, /^\d+(\.\d*)?$/);
  if (Number.isFinite(plain)) return plain;
  const iso = /\d/.test(text) ? ISO.exec(text) : null;
  if (iso) {
    const [, sign, w, d, h, m, s] = iso;
    const seconds = Number(w ?? 0) * 604_800 + Number(d ?? 0) * 86_400;
    return (sign === '-' ? -1 : 1) * (seconds + Number(h ?? 0) * 3600 + Number(m ?? 0) * 60 + Number(s ?? 0));
  }
  const clock = text === '' ? null : CLOCK.exec(text);
  if (!clock) return Number.NaN;
  const [, days, hours, minutes, seconds] = clock;
  return (
    Number(days ?? 0) * 86_400 + Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0)
  );
};

/** A length of time, held as a number of seconds. Prefect takes ISO 8601 and clock spellings; plain seconds too. */
export const duration = (limits: Range = { min: 0 }): Kind<number> => ({
  name: `a duration${range(limits)} (seconds, "1:30:00", "7 days" or "PT1H30M")`,
  parse(raw) {
    const value = typeof raw === 'string' ? readDuration(raw.trim()) : readNumber(raw, /^$/);
    return Number.isFinite(value) && inRange(value, limits) ? value : refuse(`must be ${this.name}`);
  },
});

export const text: Kind<string> = {
  name: 'text',
  parse(raw) {
    if (typeof raw === 'string') return raw;
    return typeof raw === 'number' ? String(raw) : refuse('must be text');
  },
};

export const filledText: Kind<string> = {
  name: 'text that is not empty',
  parse(raw) {
    const value = text.parse(raw).trim();
    return value === '' ? refuse('is empty: give it a value or unset it') : value;
  },
};

export const secret: Kind<Secret> = {
  name: 'text',
  parse: (raw) => new Secret(text.parse(raw)),
};

/** As Prefect takes it: URL-safe base64 of 32 bytes. */
export const encryptionKey: Kind<Secret> = {
  name: '32 bytes in base64',
  parse(raw) {
    const key = text.parse(raw).trim();
    if (Buffer.from(key, 'base64').length === 32) return new Secret(key);
    return refuse('must be 32 bytes in base64: make one with `openssl rand -base64 32`');
  },
};

function listInJson(raw: unknown): unknown[] | undefined {
  if (typeof raw !== 'string' || !raw.trim().startsWith('[')) return undefined;
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

/** Comma-separated or JSON in text, as Prefect reads it, a list in TOML. */
export const list: Kind<string[]> = {
  name: 'a comma-separated list',
  parse(raw) {
    const given = listInJson(raw) ?? raw;
    const items = Array.isArray(given) ? given.map((item) => text.parse(item)) : text.parse(given).split(',');
    return items.map((item) => item.trim()).filter((item) => item !== '');
  },
};

export const oneOf = <const T extends string>(...allowed: T[]): Kind<T> => ({
  name: `one of ${allowed.join(', ')}`,
  parse(raw) {
    const word = typeof raw === 'string' ? raw.trim() : '';
    const found = allowed.find((item) => item.toLowerCase() === word.toLowerCase());
    return found ?? refuse(`must be ${this.name}`);
  },
});

const LOG_LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;
export const logLevel = oneOf(...LOG_LEVELS);

export const basePath: Kind<string> = {
  name: 'a path like /v2/api',
  parse(raw) {
    const value = text.parse(raw).trim();
    return /^(\/[^/?#\s]+)+$/.test(value)
      ? value
      : refuse('must be a path like /v2/api: a slash first, none last');
  },
};

const VACUUM_TYPES = ['events', 'flow_runs', 'orphans'];

/** What the vacuum deletes. Prefect still takes true (everything) and false (events only); flow_runs brings orphans. */
export const vacuumTypes: Kind<string[]> = {
  name: `a comma-separated list of ${VACUUM_TYPES.join(', ')}`,
  parse(raw) {
    const word = String(raw).trim().toLowerCase();
    if (word === 'true' || word === '1') return [...VACUUM_TYPES];
    if (word === 'false' || word === '0' || word === '') return ['events'];
    const names = list.parse(raw);
    if (names.some((name) => !VACUUM_TYPES.includes(name))) refuse(`must be ${this.name}`);
    return names.includes('flow_runs') ? [...new Set([...names, 'orphans'])] : names;
  },
};

export const retentionByName: Kind<Record<string, number>> = {
  name: 'JSON like {"prefect.flow-run.heartbeat": 604800}',
  parse(raw) {
    let value = raw;
    try {
      if (typeof raw === 'string') value = JSON.parse(raw);
    } catch {
      refuse(`must be ${this.name}`);
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(`must be ${this.name}`);
    const positive = duration({ above: 0 });
    return Object.fromEntries(
      Object.entries(value as object).map(([name, age]) => [name, positive.parse(age)]),
    );
  },
};
