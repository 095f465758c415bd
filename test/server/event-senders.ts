import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { ReceivedEvent } from '../../src/entities/event/event.ts';
import { stringifyJson } from '../../src/json/json.ts';
import { uuid7 } from '../../src/time/uuid7.ts';
import { makeEvent, taskRunEvents } from '../events/make.ts';
import { type Ledger, MARK } from './ledger.ts';

/** What one ping asks for: everything before it. */
interface Batch {
  events: ReceivedEvent[];
  taskRun: string;
}

/** Clients of /events/in as Prefect's are: events, a ping, more events; what is before an answered ping is safe for them. */
export class EventSenders {
  private readonly url: string;
  private readonly ledger: Ledger;
  answeredPings = 0;
  readonly closeCodes: number[] = [];

  /** @param url of the API, beginning with ws */
  constructor(url: string, ledger: Ledger) {
    this.url = `${url}/events/in`;
    this.ledger = ledger;
  }

  async run(count: number, flowRunId: string, goOn: () => boolean): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.send(flowRunId, goOn)));
  }

  private async send(flowRunId: string, goOn: () => boolean): Promise<void> {
    const socket = new WebSocket(this.url, 'prefect');
    socket.on('error', () => {});
    const closed = once(socket, 'close').then(([code]) => this.closeCodes.push(code as number));
    const unanswered = new Map<string, Batch>();
    socket.on('pong', (data) => this.acknowledge(unanswered, data.toString()));
    socket.on('open', () => socket.send('{"type":"auth","token":null}'));
    await Promise.race([once(socket, 'message'), closed]);
    while (socket.readyState === WebSocket.OPEN && goOn()) {
      const batch = this.batch(flowRunId);
      for (const { received: _, ...event } of batch.events) socket.send(stringifyJson(event));
      unanswered.set(batch.taskRun, batch);
      socket.ping(batch.taskRun);
      // Some ahead of the answers, as a busy client is, but not without end.
      await sleep(unanswered.size > 20 ? 20 : 1);
    }
    socket.close();
    await closed;
  }

  private batch(flowRunId: string): Batch {
    const taskRun = uuid7();
    const others = Array.from({ length: 8 }, () =>
      makeEvent({ id: randomUUID(), event: `${MARK}sent`, follows: randomUUID() }),
    );
    return { taskRun, events: [...others, ...taskRunEvents({ id: taskRun, flowRunId })] };
  }

  private acknowledge(unanswered: Map<string, Batch>, ping: string): void {
    const batch = unanswered.get(ping);
    if (!batch) return;
    unanswered.delete(ping);
    this.answeredPings++;
    this.ledger.add('task_runs', batch.taskRun);
    for (const { id, event } of batch.events)
      this.ledger.add(event.startsWith(MARK) ? 'events' : 'task_run_states', id);
  }
}
