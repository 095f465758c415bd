import { describe, expect, test } from 'vitest';
import type { FlowPolicy, FlowRule, FlowTransform } from '../../src/orchestration/drafts.ts';
import { ANY, types } from '../../src/orchestration/rule.ts';
import { playFlow, state } from './play.ts';

const initial = state({ type: 'RUNNING' });
const proposed = state({ type: 'COMPLETED' });

/** A rule that notes when it is called; `act` is what it does before. */
function noting(
  calls: string[],
  name: string,
  act: FlowRule['before'] = () => {},
  to: FlowRule['to'] = ANY,
): FlowRule {
  return {
    name,
    from: ANY,
    to,
    before(transition, given) {
      calls.push(`${name} before`);
      return act(transition, given);
    },
    after(_transition, validated) {
      calls.push(`${name} after ${validated?.type}`);
    },
    cleanup() {
      calls.push(`${name} cleanup`);
    },
  };
}

function notingTransform(calls: string[], name: string): FlowTransform {
  return {
    name,
    universal: true,
    before: (_transition, given) => void calls.push(`${name} before ${given.type}`),
    after: (_transition, validated) => void calls.push(`${name} after ${validated.type}`),
  };
}

async function calls(policyOf: (calls: string[]) => FlowPolicy): Promise<string[]> {
  const noted: string[] = [];
  await playFlow(policyOf(noted), { initial, proposed });
  return noted;
}

describe('the order of rules', () => {
  test('they are left in the reverse of the order in which they are entered', async () => {
    const noted = await calls((list) => [noting(list, 'a'), notingTransform(list, 't'), noting(list, 'b')]);
    expect(noted).toEqual([
      'a before',
      't before COMPLETED',
      'b before',
      'b after COMPLETED',
      't after COMPLETED',
      'a after COMPLETED',
    ]);
  });

  test('one that governs other types has no part', async () => {
    expect(await calls((list) => [noting(list, 'a', undefined, types('FAILED'))])).toEqual([]);
  });
});

describe('a rule that changes what is proposed', () => {
  test('cleans up those before it, keeps out those after it, and sees its own change through', async () => {
    const noted = await calls((list) => [
      noting(list, 'before'),
      noting(list, 'turns', (transition) => transition.reject(state({ type: 'FAILED' }), 'no')),
      noting(list, 'behind'),
      notingTransform(list, 'always'),
    ]);
    expect(noted).toEqual([
      'before before',
      'turns before',
      'always before FAILED',
      'always after FAILED',
      'turns after FAILED',
      'before cleanup',
    ]);
  });

  test('to nothing: universal ones have no part either', async () => {
    const noted = await calls((list) => [
      noting(list, 'before'),
      noting(list, 'aborts', (transition) => transition.abort('no'), types('COMPLETED')),
      notingTransform(list, 'always'),
    ]);
    expect(noted).toEqual(['before before', 'aborts before', 'before cleanup']);
  });

  test('to nothing, being a rule for everything: it is left in the ordinary way', async () => {
    const noted = await calls((list) => [
      noting(list, 'rejects', (transition) => transition.reject(null, 'no')),
    ]);
    expect(noted).toEqual(['rejects before', 'rejects after RUNNING']);
  });

  test('to another state of the same type: the others go on', async () => {
    const noted = await calls((list) => [
      noting(list, 'before'),
      noting(list, 'turns', (transition) => transition.reject(state({ type: 'COMPLETED' }), 'no')),
      noting(list, 'behind'),
    ]);
    expect(noted.slice(-3)).toEqual([
      'behind after COMPLETED',
      'turns after COMPLETED',
      'before after COMPLETED',
    ]);
  });

  test('by its name only: the others go on', async () => {
    const renamed = await playFlow([noting([], 'renames', (transition) => transition.rename('Mine'))], {
      initial,
      proposed,
    });
    expect(renamed.validated).toMatchObject({ type: 'COMPLETED', name: 'Mine' });
    expect(renamed.status).toBe('ACCEPT');
  });
});

test('a rule that throws ends the transition', async () => {
  const broken: FlowRule = {
    name: 'broken',
    from: ANY,
    to: ANY,
    before() {
      throw new Error('broken');
    },
  };
  await expect(playFlow([broken], { initial, proposed })).rejects.toThrow('broken');
});

test('what was proposed is never changed in place', async () => {
  const before = structuredClone({ ...proposed });
  const { coreFlowPolicy } = await import('../../src/orchestration/policies.ts');
  await playFlow(coreFlowPolicy, { initial, proposed });
  expect({ ...proposed }).toEqual(before);
});
