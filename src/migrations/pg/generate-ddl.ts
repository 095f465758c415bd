/** PostgreSQL's DDL. No statement names a schema: the search path decides. */

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
