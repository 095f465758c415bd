import type { Log } from '../entities/log.ts';
import type { Timestamp } from '../time/timestamp.ts';

/** Logs as CSV, in the form of Python's own writer: quotes only where they are needed, CRLF. */
export async function* toCsv(pages: AsyncIterable<Log[]>): AsyncGenerator<string> {
  yield 'timestamp,level,flow_run_id,task_run_id,message\r\n';
  for await (const logs of pages) yield logs.map(line).join('');
}

function line({ timestamp, level, flow_run_id, task_run_id, message }: Log): string {
  const fields = [spaced(timestamp), String(level), flow_run_id ?? '', task_run_id ?? '', quoted(message)];
  return `${fields.join(',')}\r\n`;
}

/** As Python prints a moment: a whole second has no fraction. */
function spaced(timestamp: Timestamp): string {
  return `${timestamp.slice(0, 10)} ${timestamp.slice(11, 26).replace('.000000', '')}+00:00`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
