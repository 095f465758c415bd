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
