import { homedir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'drizzle-kit';

/** For `npm run generate`, which reads the schema and the folder from here, and for drizzle-kit's studio and export. */
export default defineConfig({
  dialect: 'sqlite',
  schema: ['./src/schema/sqlite/index.ts'],
  out: './drizzle/sqlite',
  dbCredentials: { url: process.env['PREFECT_DATABASE_PATH'] ?? join(homedir(), '.prefect/prefect.db') },
  // Whoever tries drizzle-kit's push is asked before it changes anything.
  strict: true,
});
