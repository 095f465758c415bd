import { type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { errors, type HttpError } from '../errors.ts';
import type { Services } from './mount.ts';

/** Answers what isn't HTTP, or more of it than a request may have: no route ever sees it. */
export function answerBrokenRequests(server: Server, { log }: Pick<Services, 'log'>): void {
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    // Node has an answer under way on it, or the client is gone.
    if (!stream.writable || hasBegunAnswer(stream) || error.code === 'ECONNRESET')
      return void stream.destroy();
    const answer = answerTo(error.code);
    log.debug({ status: answer.status, reason: error.message }, 'request refused');
    stream.end(spell(answer), () => stream.destroy());
  });
}

function answerTo(code: string | undefined): HttpError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return errors.headersTooLarge();
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return errors.tooSlow();
    default:
      return errors.badRequest('Invalid HTTP request received.');
  }
}

function hasBegunAnswer(stream: Duplex): boolean {
  const { _httpMessage: answer } = stream as { _httpMessage?: { headersSent: boolean } };
  return answer?.headersSent ?? false;
}

function spell({ status, body }: HttpError): string {
  const text = JSON.stringify(body);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n`;
  return `${head}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
