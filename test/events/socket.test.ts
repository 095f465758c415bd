import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { Socket } from '../../src/events/socket.ts';

test('what reading a frame throws ends the conversation, not the server', () => {
  const closed: unknown[] = [];
  const failures: unknown[] = [];
  const ws = Object.assign(new EventEmitter(), {
    resume() {},
    close: (...told: unknown[]) => void closed.push(told),
  });
  const socket = new Socket(ws as unknown as WebSocket, { interval: 0, timeout: 0 });
  const unforeseen = new RangeError('Maximum call stack size exceeded');
  socket.onFailure = (error) => failures.push(error);
  socket.onText = () => {
    throw unforeseen;
  };
  ws.emit('message', Buffer.from('{}'), false);
  expect(closed).toEqual([[1011, 'The server failed at what was sent.']]);
  expect(failures).toEqual([unforeseen]);
});
