import type { State } from '../entities/run/state.ts';
import type { Policy, Rule, Side, Transform } from './rule.ts';
import type { RunDraft, Transition } from './transition.ts';

interface Entered<Run extends RunDraft, Reach> {
  rule: Rule<Run, Reach> | Transform<Run, Reach>;
  /** The type that this rule expects to be written; its own verbs move it, so that it doesn't undo itself. */
  expected: Side;
  tookPart: boolean;
}

/**
 * Takes a transition through the rules in order, and back out in reverse order; in between `validate` says which state
 * the run has now: what the rules left of the proposed one, or the current one. Nothing is written here. A rule that
 * throws ends the transition: the caller's transaction takes everything back.
 */
export async function orchestrate<Run extends RunDraft, Reach>(
  transition: Transition<Run, Reach>,
  policy: Policy<Run, Reach>,
  validate: () => State | null,
): Promise<void> {
  const intended = transition.toType;
  const entered: Entered<Run, Reach>[] = [];
  for (const rule of rulesFor(policy, transition.fromType, intended)) {
    entered.push(await enter(transition, rule, intended));
  }
  transition.validated = validate();
  for (const entry of entered.reverse()) await leave(transition, entry);
}

const compiled = new WeakMap<object, Map<string, unknown>>();

/** The rules of a policy that govern this transition; worked out once for each pair. */
function rulesFor<Run extends RunDraft, Reach>(
  policy: Policy<Run, Reach>,
  from: Side,
  to: Side,
): Policy<Run, Reach> {
  const pairs = compiled.get(policy) ?? new Map<string, unknown>();
  compiled.set(policy, pairs);
  const pair = `${from}>${to}`;
  const known = pairs.get(pair) as Policy<Run, Reach> | undefined;
  if (known) return known;
  const rules = policy.filter((rule) => rule.universal || (rule.from.has(from) && rule.to.has(to)));
  pairs.set(pair, rules);
  return rules;
}

async function enter<Run extends RunDraft, Reach>(
  transition: Transition<Run, Reach>,
  rule: Rule<Run, Reach> | Transform<Run, Reach>,
  intended: Side,
): Promise<Entered<Run, Reach>> {
  const { proposed } = transition;
  const takesPart = proposed !== null && (rule.universal === true || proposed.type === intended);
  if (takesPart) await rule.before?.(transition, proposed);
  return { rule, expected: transition.toType, tookPart: takesPart };
}

async function leave<Run extends RunDraft, Reach>(
  transition: Transition<Run, Reach>,
  { rule, expected, tookPart }: Entered<Run, Reach>,
): Promise<void> {
  if (rule.universal) {
    if (transition.proposed && transition.validated) await rule.after?.(transition, transition.validated);
    return;
  }
  // A rule that turned the transition into one it doesn't govern (wrote nothing, say) is out of it.
  if (!tookPart || !rule.to.has(expected)) return;
  if (transition.toType === expected) await rule.after?.(transition, transition.validated);
  else await rule.cleanup?.(transition);
}
