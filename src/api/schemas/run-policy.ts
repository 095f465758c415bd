import { isEmpty } from './names.ts';

/** Old clients name their retries by other fields, which count where the new ones are empty. */
export function withoutDeprecatedFields(policy: Record<string, unknown>): Record<string, unknown> {
  const { max_retries: retries = 0, retry_delay_seconds: delay = 0 } = policy;
  const changes: Record<string, unknown> = {};
  if (isEmpty(policy.retries) && !isZero(retries)) changes.retries = retries;
  if (isEmpty(policy.retry_delay) && !isZero(delay)) changes.retry_delay = delay;
  return Object.keys(changes).length === 0 ? policy : { ...policy, ...changes };
}

function isZero(value: unknown): boolean {
  return (
    value === false ||
    (value !== null && typeof value !== 'string' && Number(value) === 0 && !Array.isArray(value))
  );
}
