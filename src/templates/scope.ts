import type { Value } from './python/values.ts';

/** The names that can be seen from a place in a template. */
export class Scope {
  private readonly names = new Map<string, Value>();
  private readonly around: Scope | undefined;

  constructor(around?: Scope) {
    this.around = around;
  }

  set(name: string, value: Value): void {
    this.names.set(name, value);
  }

  find(name: string): Value | undefined {
    for (let scope: Scope | undefined = this; scope; scope = scope.around) {
      const value = scope.names.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}
