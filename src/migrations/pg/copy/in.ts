import type { Client, Submittable } from 'pg';

/** Runs a `COPY ... FROM STDIN` with its rows. */
export type CopyIn = (statement: string, data: string) => Promise<void>;

/** What of pg's connection takes part in a COPY; its types don't tell. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** A batch goes over in one piece: it is in memory already. */
export function copyIn(client: Client, statement: string, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const query = {
      submit: (connection: CopyConnection) => connection.query(statement),
      handleCopyInResponse(connection: CopyConnection) {
        connection.sendCopyFromChunk(Buffer.from(data));
        connection.endCopyFrom();
      },
      handleCommandComplete() {},
      handleReadyForQuery: () => resolve(),
      handleError: reject,
    };
    client.query(query as unknown as Submittable);
  });
}

const SPECIAL = /[\\\n\r\t]/;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Rows of PostgreSQL's own texts in the text format of COPY. */
export function copyText(rows: readonly (readonly (string | null)[])[]): string {
  let text = '';
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) {
      if (i > 0) text += '\t';
      const value = row[i]!;
      if (value === null) text += '\\N';
      else text += SPECIAL.test(value) ? value.replace(/[\\\n\r\t]/g, (one) => ESCAPES[one]!) : value;
    }
    text += '\n';
  }
  return text;
}
