/** Names and texts as SQL on both engines has them. */

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const quoteList = (names: readonly string[]): string => names.map(quote).join(', ');
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
