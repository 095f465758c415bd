import { badInputs } from '../bad-inputs.ts';
import { type Group, type Sequence, type Step, send, sequence } from '../sequence.ts';

/** A sequence for each operation. */
function byOperation(): Sequence[] {
  const operations = new Map<string, Step[]>();
  for (const { method, path, body } of badInputs) {
    const operation = `${method} ${path}`;
    const steps = operations.get(operation) ?? [];
    operations.set(operation, [...steps, send(method, path, body, { literal: true })]);
  }
  return [...operations].map(([operation, steps]) => sequence(operation, steps));
}

export const badInputsGroup: Group = { name: 'bad_inputs', sequences: byOperation() };
