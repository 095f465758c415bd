/** From one pair of schemas to another: what each of up to three pairs of revisions does. */

import type { ChainName } from '../chain/revisions.ts';
import type { DialectGenerator, Rename } from './dialect.ts';
import { downLabel } from './down-label.ts';
import { type Phase, type PhaseKind, phases } from './phases/phases.ts';
import { inverse, renamePair, withRenames } from './renames.ts';
import { CHAINS, type SnapshotPair } from './snapshots.ts';

export type Generators = Readonly<Record<ChainName, DialectGenerator>>;

/** What one revision does. */
export interface Side {
  readonly up: readonly string[];
  readonly down: readonly string[];
  readonly label: string;
  /** Written by hand: the files say so. */
  readonly custom?: boolean;
}

export interface Step {
  readonly kind: PhaseKind;
  readonly after: SnapshotPair;
  readonly sides: Readonly<Record<ChainName, Side>>;
}

export interface StepOptions {
  readonly renames: readonly Rename[];
  /** A data step runs between `main` and `online`: there is a main step, though it be empty. */
  readonly withData: boolean;
}

/** Empty if nothing needs a statement. */
export async function planSteps(
  generators: Generators,
  before: SnapshotPair,
  after: SnapshotPair,
  { renames, withData }: StepOptions,
): Promise<Step[]> {
  const renamed = renamePair(generators, before, renames);
  const steps: Step[] = [];
  let from = before;
  for (const phase of phases(renamed, after, { withData, withMain: renames.length > 0 })) {
    const step = await planStep(
      generators,
      from,
      inOldNames(phase, before),
      phase.kind === 'main' ? renames : [],
    );
    const isEmpty = CHAINS.every((chain) => step.sides[chain].up.length === 0);
    if (isEmpty && !(withData && phase.kind === 'main')) continue;
    steps.push(step);
    from = step.after;
  }
  const last = steps.at(-1);
  // What makes no difference to a database is in the last snapshot all the same.
  if (last) steps[steps.length - 1] = { ...last, after: mergedMeta(last.after, after) };
  return steps;
}

/** Labels are added before anything is renamed. */
function inOldNames({ kind, after }: Phase, before: SnapshotPair): Phase {
  if (kind !== 'values') return { kind, after };
  return { kind, after: { ...before, pg: { ...before.pg, enums: after.pg.enums } } };
}

function mergedMeta(last: SnapshotPair, after: SnapshotPair): SnapshotPair {
  const merged = (chain: ChainName) => {
    const { _meta } = last[chain] as { _meta?: unknown };
    return { ...after[chain], ...(_meta !== undefined && { _meta }) };
  };
  return { sqlite: merged('sqlite'), pg: merged('pg') };
}

/** What one pair does, whatever the command that it is part of. */
export async function planStep(
  generators: Generators,
  from: SnapshotPair,
  { kind, after }: Phase,
  renames: readonly Rename[],
): Promise<Step> {
  const side = async (chain: ChainName): Promise<Side> => {
    const generator = generators[chain];
    const online = kind === 'online';
    const renamed = generator.rename(from[chain], renames);
    const back = generator.rename(renamed.snapshot, inverse(renames));
    const [up, down] = [
      await generator.statements(renamed.snapshot, after[chain], { online }),
      await generator.statements(after[chain], renamed.snapshot, { online }),
    ];
    return {
      up: [...renamed.statements, ...up],
      down: [...down, ...back.statements],
      label: downLabel({ chain, before: renamed.snapshot, after: after[chain], renames }),
    };
  };
  const sides = { sqlite: await side('sqlite'), pg: await side('pg') };
  const remembered = { sqlite: withRenames(after.sqlite, renames), pg: withRenames(after.pg, renames) };
  return { kind, after: renames.length > 0 ? remembered : after, sides };
}
