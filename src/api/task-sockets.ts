import { TaskDispatch } from '../events/tasks/task-dispatch.ts';
import { subscribeToTasks } from '../events/tasks/task-subscription.ts';
import type { Services } from './mount.ts';
import type { SocketGroup } from './sockets.ts';

/** /task_runs/subscriptions/scheduled. */
export function taskSockets({ db, log }: Services): SocketGroup {
  const dispatch = new TaskDispatch(db, log);
  return {
    routes: [
      {
        path: '/task_runs/subscriptions/scheduled',
        accept: (socket) => subscribeToTasks(socket, dispatch),
      },
    ],
    finish: () => dispatch.close(),
    close: async () => {},
  };
}
