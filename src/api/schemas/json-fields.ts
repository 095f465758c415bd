import { JsonText } from '../../json/json.ts';
import { checked, jsonObject, type Kind } from '../kinds/index.ts';
import { limits } from './limits.ts';

const EMPTY = new JsonText('{}');

export const emptyObject = (): JsonText => EMPTY;

/** A run's parameters, which Prefect limits in size. */
export function flowRunParameters(): Kind<JsonText> {
  return checked(jsonObject(), ({ text }) => {
    const max = limits.parameterBytes;
    // Python's JSON escapes what isn't ASCII, which makes of one UTF-16 unit at most six bytes.
    if (max <= 0 || text.length * 6 <= max) return undefined;
    const size = escapedLength(text);
    if (size <= max) return undefined;
    const [most, sent] = [max, size].map((bytes) => bytes.toLocaleString('en-US'));
    return `Flow run parameters must be less than ${most} bytes when serialized (got ${sent} bytes).`;
  });
}

function escapedLength(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) length += text.charCodeAt(i) < 128 ? 1 : 6;
  return length;
}
