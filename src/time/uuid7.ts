import { randomUUID } from 'node:crypto';

/**
 * A UUID whose order is the order of creation (RFC 9562, version 7): milliseconds, then their fraction in 4096ths,
 * then 62 random bits. Prefect gives these to states and events, and sorts events by them.
 */
export function uuid7(): string {
  const moment = performance.timeOrigin + performance.now();
  const milliseconds = Math.floor(moment);
  const time = milliseconds.toString(16).padStart(12, '0');
  const fraction = Math.floor((moment - milliseconds) * 4096)
    .toString(16)
    .padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${fraction}-${randomUUID().slice(19)}`;
}
