import { JsonNumber } from '../../json/json.ts';
import { isObject, type Kind, kind, refuseValue, string } from '../kinds/index.ts';

/** The pattern of names that are part of a path in Prefect's dashboard. */
export const NAME = '^[^/%&><]+$';

/** A name that is more than quotes and spaces. */
export function nonEmptyName(): Kind<string> {
  const text = string({ pattern: NAME });
  return kind((value, issues) => {
    const isBlank = typeof value === 'string' && /^[' "]*$/.test(value);
    return isBlank ? refuseValue(issues, 'name cannot be an empty string', value) : text.read(value, issues);
  }, text.schema);
}

/** A run's name; null, for which the server makes one up, also where Python would find the name empty. */
export function runName(): Kind<string | null> {
  const text = string();
  return kind((value, issues) => (isEmpty(value) ? null : text.read(value, issues)), text.schema);
}

/** Python's idea of false. */
export function isEmpty(value: unknown): boolean {
  if (value instanceof JsonNumber) return value.valueOf() === 0;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) ? Object.keys(value).length === 0 : !value;
}
