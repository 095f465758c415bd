import { defineConfig } from 'drizzle-kit';

const url = process.env['PREFECT_API_DATABASE_CONNECTION_URL'] ?? 'postgresql://localhost/prefect';

/** For `npm run generate`, which reads the schema and the folder from here, and for drizzle-kit's studio and export. */
export default defineConfig({
  dialect: 'postgresql',
  schema: ['./src/schema/pg/index.ts', './src/schema/pg/enums.ts'],
  out: './drizzle/pg',
  dbCredentials: { url: url.replace('+asyncpg', '') },
  // Whoever tries drizzle-kit's push is asked before it changes anything.
  strict: true,
});
