import { isIP } from 'node:net';
import { parseTimestamp } from '../../time/timestamp.ts';
import { patternOf } from './pattern.ts';

const MOMENT =
  /^\d{4}-(?:0[1-9]|1[0-2])-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const POINTER = /^(?:\/(?:[^~]|~[01])*)*$/;

const FORMATS: Record<string, (text: string) => boolean> = {
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTimestamp(`${text}T00:00:00Z`) !== null,
  'date-time': isMoment,
  email: (text) => text.includes('@'),
  'idn-email': (text) => text.includes('@'),
  ipv4: (text) => isIP(text) === 4,
  ipv6: (text) => isIP(text) === 6 && !text.includes('%'),
  'json-pointer': (text) => POINTER.test(text),
  regex: isPattern,
  'relative-json-pointer': (text) => /^(?:0|[1-9]\d*)(?:#|\/|$)/.test(text),
  time: (text) => isMoment(`1970-01-01T${text}`),
  uuid: (text) => /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text),
};

/** Whether a text is of this format, as far as Prefect's check knows the format. */
export function isOfFormat(text: string, format: string): boolean {
  return FORMATS[format]?.(text) ?? true;
}

function isMoment(text: string): boolean {
  const upper = text.toUpperCase();
  return MOMENT.test(upper) && FORMATS['date']!(upper.slice(0, 10));
}

function isPattern(text: string): boolean {
  try {
    patternOf(text);
    return true;
  } catch {
    return false;
  }
}
