import { inspect } from 'node:util';

/** What stands in place of a secret wherever it could be seen. */
export const MASK = '***';

/** A value that no log line, error or JSON can show by accident: it has to be asked for. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

/** A URL without its password; anything else is masked as a whole. */
export function maskUrl(value: string): string {
  const url = /^([\w+]+:\/\/)(.*)$/s.exec(value);
  if (!url) return MASK;
  const [, scheme, rest] = url as unknown as [string, string, string];
  // To the last @, since a password may hold one that isn't escaped.
  const at = rest.lastIndexOf('@');
  const user = at < 0 ? '' : rest.slice(0, at);
  const colon = user.indexOf(':');
  const shownUser = colon < 0 ? user : `${user.slice(0, colon)}:${MASK}`;
  const address = rest.slice(at + 1).replace(/([?&]\w*password=)[^&]*/gi, `$1${MASK}`);
  return `${scheme}${shownUser}${at < 0 ? '' : '@'}${address}`;
}
