import { typeError, unrendered } from '../faults.ts';
import { numberOf } from './comparing.ts';
import { type CallArguments, isTrue, Markup, typeName, Undefined, type Value } from './values.ts';

/** What a filter or method was called with, by the names that Python has for its parameters. */
export class Given {
  private readonly values = new Map<string, Value>();

  constructor(what: string, { plain, named }: CallArguments, names: readonly string[]) {
    if (plain.length > names.length) {
      throw typeError(`${what}() takes no more than ${names.length} argument(s), ${plain.length} given`);
    }
    for (const [i, value] of plain.entries()) this.values.set(names[i]!, value);
    for (const [name, value] of named) {
      if (!names.includes(name)) {
        throw typeError(`${what}() got an unexpected keyword argument '${name}'`);
      }
      this.values.set(name, value);
    }
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  value(name: string, fallback: Value): Value {
    return this.values.get(name) ?? (this.values.has(name) ? null : fallback);
  }

  /** @throws for what is left out and must not be */
  needed(name: string): Value {
    if (!this.values.has(name)) throw typeError(`missing a required argument: '${name}'`);
    return this.values.get(name)!;
  }

  isTrue(name: string, fallback = false): boolean {
    return this.values.has(name) ? isTrue(this.values.get(name)!) : fallback;
  }

  text(name: string, fallback?: string): string {
    if (!this.values.has(name) && fallback !== undefined) return fallback;
    return plainText(this.needed(name));
  }

  whole(name: string, fallback?: number): number {
    if (!this.values.has(name) && fallback !== undefined) return fallback;
    const number = numberOf(this.needed(name));
    if (typeof number !== 'bigint') {
      throw typeError(`'${typeName(this.needed(name))}' object cannot be interpreted as an integer`);
    }
    return Number(number);
  }
}

/** The text that a value is. */
export function plainText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Undefined) throw value.fault;
  if (value instanceof Markup) throw unrendered('changes of escaped text');
  throw typeError(`expected a str, got '${typeName(value)}'`);
}
