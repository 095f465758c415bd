import { isStorable, storable } from '../../json/unstorable.ts';
import { component, type Issue, type Kind, kind, placeBelow, type Read, refuse } from './kind.ts';

export function refuseUnstorable(issues: Issue[], input: unknown): never {
  return refuse(
    issues,
    'string_type',
    'Input should be a string without NUL characters and unpaired surrogates',
    input,
  );
}

export interface StringRules {
  min?: number;
  max?: number;
  pattern?: string;
  /** Take out what can't be stored instead of refusing it. */
  strip?: boolean;
}

export function string(rules: StringRules = {}): Kind<string> {
  const { min, max, strip } = rules;
  const pattern = rules.pattern === undefined ? undefined : new RegExp(rules.pattern);
  const read: Read<string> = (value, issues) => {
    if (typeof value !== 'string')
      return refuse(issues, 'string_type', 'Input should be a valid string', value);
    if (max !== undefined && value.length > max && codePoints(value) > max) {
      const message = `String should have at most ${max} character${max === 1 ? '' : 's'}`;
      return refuse(issues, 'string_too_long', message, value, { max_length: max });
    }
    if (min !== undefined && (value.length < min || (value.length < 2 * min && codePoints(value) < min))) {
      const message = `String should have at least ${min} character${min === 1 ? '' : 's'}`;
      return refuse(issues, 'string_too_short', message, value, { min_length: min });
    }
    if (pattern && !pattern.test(value)) {
      const ctx = { pattern: rules.pattern };
      return refuse(
        issues,
        'string_pattern_mismatch',
        `String should match pattern '${rules.pattern}'`,
        value,
        ctx,
      );
    }
    if (strip) return storable(value);
    return isStorable(value) ? value : refuseUnstorable(issues, value);
  };
  return kind(read, {
    type: 'string',
    ...(max !== undefined && { maxLength: max }),
    ...(min !== undefined && { minLength: min }),
    ...(rules.pattern !== undefined && { pattern: rules.pattern }),
  });
}

/** Python counts code points where JavaScript counts halves of pairs. */
function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A uuid in any of the spellings that pydantic knows; lowercase with hyphens in the server. */
export function uuid(): Kind<string> {
  const read: Read<string> = (value, issues) => {
    if (typeof value !== 'string') {
      return refuse(issues, 'uuid_type', 'UUID input should be a string, bytes or UUID object', value);
    }
    if (CANONICAL.test(value)) return value;
    const hyphens = hyphenated(value);
    const lower = hyphens.toLowerCase();
    if (CANONICAL.test(lower)) return lower;
    if (/^[0-9a-f]{32}$/i.test(value))
      return lower.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    const error = uuidProblem(hyphens, value);
    return refuse(issues, 'uuid_parsing', `Input should be a valid UUID, ${error}`, value, { error });
  };
  return kind(read, { type: 'string', format: 'uuid' });
}

function hyphenated(text: string): string {
  if (text.startsWith('urn:uuid:')) return text.slice(9);
  return text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
}

const GROUPS = [8, 4, 4, 4, 12];

function uuidProblem(text: string, original: string): string {
  const bad = /[^0-9a-fA-F-]/u.exec(text);
  if (bad) {
    const at = Buffer.byteLength(text.slice(0, bad.index)) + original.indexOf(text);
    return `invalid character: found \`${bad[0]}\` at ${at}`;
  }
  const groups = text.split('-');
  if (groups.length === 1 && text === original) return `invalid length: found ${text.length}`;
  if (groups.length !== 5) return `invalid group count: expected 5, found ${groups.length}`;
  const wrong = groups.findIndex((group, i) => group.length !== GROUPS[i]);
  return `invalid group length in group ${wrong}: expected ${GROUPS[wrong]}, found ${groups[wrong]!.length}`;
}

function choices(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  return quoted.length === 1 ? quoted[0]! : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

function oneOf<V extends string>(values: readonly V[], type: string): Read<V> {
  const known = new Set<unknown>(values);
  const expected = choices(values);
  return (value, issues) =>
    known.has(value)
      ? (value as V)
      : refuse(issues, type, `Input should be ${expected}`, value, { expected });
}

/** One of Prefect's enumerations, a named schema of the document. */
export function enumeration<const V extends string>(name: string, values: readonly V[]): Kind<V> {
  return kind(
    oneOf(values, 'enum'),
    component(name, () => ({ type: 'string', title: name, enum: values })),
  );
}

/** pydantic's Literal. */
export function literal<const V extends string>(...values: V[]): Kind<V> {
  const schema = values.length === 1 ? { const: values[0] } : { enum: values };
  return kind(oneOf(values, 'literal_error'), { type: 'string', ...schema });
}

/** Reads a member's name; names are stored, too. */
export function isStorableKey(key: string, issues: Issue[]): boolean {
  if (isStorable(key)) return true;
  const before = issues.length;
  refuseUnstorable(issues, key);
  placeBelow(issues, before, '[key]');
  placeBelow(issues, before, key);
  return false;
}
