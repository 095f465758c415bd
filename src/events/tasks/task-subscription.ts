import { isStorable } from '../../json/unstorable.ts';
import type { Socket } from '../socket.ts';
import type { TaskDispatch } from './task-dispatch.ts';
import { TaskListener, typeOf } from './task-listener.ts';

/** The first frame of a conversation: for which tasks the worker is there, and how it is called. */
export function subscribeToTasks(socket: Socket, dispatch: TaskDispatch): void {
  const refuse = (expected: string) => socket.close(4001, `Protocol violation: expected ${expected}`);
  socket.onText = (text) => {
    socket.onText = () => {};
    if (typeOf(text) !== 'subscribe') return refuse("'subscribe' message");
    const { keys, client_id } = JSON.parse(text) as { keys?: unknown; client_id?: unknown };
    if (!Array.isArray(keys) || keys.length === 0 || !keys.every(isName)) {
      return refuse("'keys' in subscribe message");
    }
    if (!isName(client_id)) return refuse("'client_id' in subscribe message");
    new TaskListener(dispatch, socket, client_id, keys);
  };
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && isStorable(value);
