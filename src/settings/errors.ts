/** A setting or a flag is wrong: one sentence that names it, where it comes from, and what is allowed. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly exitCode = 2;

  constructor(sentence: string) {
    super(/[.?]$/.test(sentence) ? sentence : `${sentence}.`);
  }
}
