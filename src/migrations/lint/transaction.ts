import type { Revision } from '../chain/revisions.ts';
import type { Hazard } from '../facts/facts.ts';
import type { NumberedFacts } from '../facts/revision-facts.ts';

/** What has to do with how the runner runs a statement, whatever the engine. */
export function commonHazards(
  facts: NumberedFacts,
  { transactional }: Pick<Revision, 'transactional'>,
): Hazard[] {
  const table = facts.tables[0] ?? facts.locks.find((lock) => lock.table !== '*')?.table ?? '*';
  const found = (rule: string, advice: string): Hazard[] => [{ rule, table, advice }];
  if (facts.kind === 'unknown') {
    return found(
      'unknown',
      'of no shape that we know: read it yourself, its locks, its cost and what it loses',
    );
  }
  if (facts.kind === 'transaction') {
    return found('transaction', 'the runner begins and commits: leave it out');
  }
  if (facts.outsideTransaction && transactional) {
    const advice = 'fails, since it can run in no transaction: put -- Transaction: none into the header';
    return found('transaction', advice);
  }
  if (facts.outsideTransaction && !facts.rerunnable) {
    const advice = 'fails when it is run again after a kill: write IF NOT EXISTS or IF EXISTS';
    return found('rerun', advice);
  }
  return [];
}
