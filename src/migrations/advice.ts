/** What to do about failures of a driver, which it tells apart by code or by words. */
export interface Advice {
  readonly code?: RegExp;
  readonly message?: RegExp;
  /** An imperative; `$1` stands for what the words name. */
  readonly advice: string;
}

/** The first of them that fits; null where only the failure's own words tell. */
export function adviceFrom(table: readonly Advice[], code: string, message: string): string | null {
  for (const one of table) {
    if (one.code?.test(code)) return one.advice;
    const found = one.message?.exec(message);
    if (found) return one.advice.replace('$1', found[1] ?? '');
  }
  return null;
}
