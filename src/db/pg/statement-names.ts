/** Beyond this many different statements new ones are sent unnamed: a name costs memory in every connection. */
const NAMED = 1_000;

/**
 * Gives each statement text a name, so that a connection parses and plans it once. Off behind a pooler in transaction
 * mode, where the next statement may meet a connection that never saw the name.
 */
export class StatementNames {
  private readonly enabled: boolean;
  private readonly names = new Map<string, string>();

  constructor(enabled: boolean) {
    this.enabled = enabled;
  }

  of(sql: string): string | undefined {
    if (!this.enabled) return undefined;
    let name = this.names.get(sql);
    if (name === undefined && this.names.size < NAMED) {
      name = `prefect_${this.names.size}`;
      this.names.set(sql, name);
    }
    return name;
  }
}
