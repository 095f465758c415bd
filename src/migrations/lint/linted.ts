import type { ChainName } from '../chain/revisions.ts';
import type { Hazard } from '../facts/facts.ts';
import type { NumberedFacts } from '../facts/revision-facts.ts';
import type { AcceptedHazard } from '../repository/notes.ts';

export interface LintedStatement {
  readonly number: number;
  readonly text: string;
  readonly facts: NumberedFacts;
  readonly hazards: readonly Hazard[];
  readonly loses: readonly string[];
}

export interface LintedRevision {
  readonly chain: ChainName;
  readonly id: string;
  readonly slug: string;
  readonly folder: string;
  readonly place: string;
  readonly transactional: boolean;
  /** The name of its data step, without `.ts`. */
  readonly data: string | undefined;
  readonly label: string;
  readonly landed: boolean;
  readonly statements: readonly LintedStatement[];
  /** Those of no single statement. */
  readonly hazards: Hazard[];
  readonly accepted: readonly AcceptedHazard[];
}

/** What only the look at a whole revision shows, by the place of the statement in the list. */
export type Findings = Map<number, { hazards: Hazard[]; loses: string[] }>;

export class FindingsByStatement extends Map<number, { hazards: Hazard[]; loses: string[] }> {
  hazard(index: number, rule: string, table: string, advice: string): void {
    this.at(index).hazards.push({ rule, table, advice });
  }

  loss(index: number, what: string): void {
    this.at(index).loses.push(what);
  }

  private at(index: number) {
    const found = this.get(index) ?? { hazards: [], loses: [] };
    this.set(index, found);
    return found;
  }
}
