import { renderPlan } from '../../migrations/plan/render.ts';
import { planReport } from '../../migrations/plan/report.ts';
import { answer, type OutputOptions } from '../output.ts';
import { openContext } from './context.ts';

/** `database plan`: what an upgrade would run, what it would lock and how long it would take. */
export async function printPlan(flags: OutputOptions & { revision: string }): Promise<void> {
  const { target } = await openContext();
  const report = await planReport(target, { to: flags.revision });
  answer(report, renderPlan(report), flags);
}
