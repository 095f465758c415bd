import type { ChainName, Revision } from '../chain/revisions.ts';
import { pgFacts } from '../pg/facts/facts.ts';
import { sqliteFacts } from '../sqlite/facts/facts.ts';
import { type Scene, type StatementFacts, startScene } from './facts.ts';
import type { KnownSchema } from './known-schema.ts';
import { splitStatements } from './tokens.ts';

export interface NumberedFacts extends StatementFacts {
  /** Of the statement in its file, from 1. */
  readonly number: number;
  readonly text: string;
}

type Walked = Pick<Revision, 'statements' | 'transactional'>;

/**
 * What a revision's statements do, one after the other, and the scene that they leave.
 * @param schema what the revision before it leaves behind; undefined when nobody knows
 */
export function walk(
  chain: ChainName,
  revision: Walked,
  schema: KnownSchema | undefined,
): { facts: NumberedFacts[]; scene: Scene } {
  const scene: Scene = startScene(schema, revision.transactional);
  const factsOf = chain === 'pg' ? pgFacts : sqliteFacts;
  const facts = revision.statements.flatMap((chunk, index) =>
    splitStatements(chunk).map((text) => ({ ...factsOf(text, scene), number: index + 1, text })),
  );
  return { facts, scene };
}
