import { defineConfig } from 'drizzle-kit';

/** For `npm run generate`, which reads the schema and the folder from here, and for drizzle-kit's studio and export. */
export default defineConfig({
  dialect: 'postgresql',
  schema: ['./src/schema/pg/index.ts', './src/schema/pg/enums.ts'],
  out: './drizzle/pg',
});
