import {
  bool,
  type Fields,
  list,
  model,
  nullable,
  optional,
  string,
  timestamp,
  uuid,
} from '../kinds/index.ts';
import { Operator } from './operator.ts';

/** A model of criteria; what is absent or null doesn't narrow. */
export function filter<F extends Fields>(name: string, fields: F) {
  return model(name, fields, { extra: 'forbid' });
}

export const operator = optional(Operator, 'and_');
export const uuids = optional(nullable(list(uuid())));
export const texts = optional(nullable(list(string())));
export const text = optional(nullable(string()));
export const flag = optional(nullable(bool()));
export const moment = optional(nullable(timestamp()));
