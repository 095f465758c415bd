import { eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';

export async function deploymentExists(db: Database, id: string): Promise<boolean> {
  const { deployment } = db.tables;
  const rows = await db.orm.select({ id: deployment.id }).from(deployment).where(eq(deployment.id, id));
  return rows.length > 0;
}
