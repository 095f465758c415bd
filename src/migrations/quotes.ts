/** Names and texts as SQL on both engines has them. */

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const quoteList = (names: readonly string[]): string => names.map(quote).join(', ');
/** As a shell takes it. */
export const shellWord = (text: string): string =>
  /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
