import type { FlowPolicy, TaskPolicy } from '../../src/orchestration/drafts.ts';
import type { FlowPlay, playFlow, playTask, TaskPlay } from './play.ts';

/** A transition that comes out as expected with a rule, and otherwise without it. */
export interface FlowCase {
  rule: string;
  says: string;
  policy: FlowPolicy;
  play: () => FlowPlay;
  look: (told: Awaited<ReturnType<typeof playFlow>>) => unknown;
  expected: unknown;
}

export interface TaskCase extends Omit<FlowCase, 'policy' | 'play' | 'look'> {
  policy: TaskPolicy;
  play: () => TaskPlay;
  look: (told: Awaited<ReturnType<typeof playTask>>) => unknown;
}
