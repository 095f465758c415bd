import { JsonNumber } from '../../json/json.ts';
import { isStorable } from '../../json/unstorable.ts';
import { dict } from './containers.ts';
import { type Issue, type Kind, kind, placeBelow, type Read, refuse } from './kind.ts';
import { refuseUnstorable } from './text.ts';

/** A union's branches with the labels that pydantic puts into `loc`, in its order. */
type Branches<T> = { [Label in keyof T]: Kind<T[Label]> };

/** The first branch that reads the value; if none does, what is wrong with it for each. */
export function union<T extends Record<string, unknown>>(branches: Branches<T>): Kind<T[keyof T]> {
  const entries = Object.entries(branches) as [string, Kind<T[keyof T]>][];
  const read: Read<T[keyof T]> = (value, issues) => {
    const refused: Issue[] = [];
    for (const [label, branch] of entries) {
      const before = refused.length;
      const result = branch.read(value, refused);
      if (refused.length === before) return result;
      placeBelow(refused, before, label);
    }
    issues.push(...refused);
    return undefined as never;
  };
  return kind(read, { anyOf: entries.map(([, branch]) => branch.schema) });
}

export type LabelValue = boolean | number | string | JsonNumber;

const NO_LABEL = [
  ['bool', 'boolean'],
  ['int', 'integer'],
  ['float', 'number'],
  ['str', 'string'],
] as const;

/** A label's value. Numbers keep their own spelling, as all JSON of users. */
function labelValue(): Kind<LabelValue> {
  const read: Read<LabelValue> = (value, issues) => {
    if (typeof value === 'string') return isStorable(value) ? value : refuseUnstorable(issues, value);
    if (typeof value === 'boolean' || typeof value === 'number' || value instanceof JsonNumber) return value;
    for (const [label, type] of NO_LABEL) {
      const before = issues.length;
      const word = type === 'string' ? 'string_type' : `${label}_type`;
      refuse(issues, word, `Input should be a valid ${type}`, value);
      placeBelow(issues, before, label);
    }
    return undefined as never;
  };
  return kind(read, { anyOf: NO_LABEL.map(([, type]) => ({ type })) });
}

export type Labels = Record<string, LabelValue>;

/** Prefect's KeyValueLabels. */
export function labels(): Kind<Labels> {
  return dict(labelValue());
}
