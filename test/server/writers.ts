import { randomUUID } from 'node:crypto';
import { type Ledger, MARK } from './ledger.ts';

/** The connection broke before there was an answer: whether it was done is not known. */
export class Unanswered extends Error {}

/** A row that all writers change at once. */
export interface Shared {
  flowId: string;
  runId: string;
}

interface Answer {
  id: string;
  state_id?: string;
  state?: { id: string } | null;
  status?: string;
}

const LOGS_A_BATCH = 20;

/** Clients that write as a team's flows do, and put into the ledger what is acknowledged to them. */
export class Writers {
  private readonly url: string;
  private readonly ledger: Ledger;
  /** Answers that weren't a success. */
  readonly refusals: string[] = [];
  answers = 0;
  unanswered = 0;
  slowest = 0;

  constructor(url: string, ledger: Ledger) {
    this.url = url;
    this.ledger = ledger;
  }

  /** What they all change: made once, before they begin. */
  async prepare(): Promise<Shared> {
    const flow = await this.post('/flows/', { name: `shared-${randomUUID()}` });
    const run = await this.createRun(flow.id, 'shared');
    return { flowId: flow.id, runId: run };
  }

  /** Runs so many at the same time until told to stop, or until their server is gone. */
  async run(count: number, shared: Shared, goOn: () => boolean): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, i) => this.writeWhile(i, shared, goOn)));
  }

  private async writeWhile(writer: number, shared: Shared, goOn: () => boolean): Promise<void> {
    try {
      for (let turn = 0; goOn(); turn++) {
        const mark = `${MARK}${process.pid}-${writer}-${turn}-${randomUUID().slice(0, 8)}`;
        await (writer % 8 === 7 ? this.read(shared) : this.liveARun(mark, shared));
      }
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      this.unanswered++;
    }
  }

  /** A flow run from its creation to its end, with what comes along. */
  private async liveARun(mark: string, { flowId, runId: sharedRun }: Shared): Promise<void> {
    const run = await this.createRun(flowId, mark);
    await this.setState('flow_run', run, 'PENDING');
    await this.label(run, mark);
    await this.setState('flow_run', run, 'RUNNING');
    await this.log(mark, run);
    await this.label(sharedRun, mark);
    await this.liveATask(mark, run);
    // All of them at one row, and at one key of artifacts.
    await this.setState('flow_run', sharedRun, 'RUNNING', true);
    const artifact = await this.post('/artifacts/', { key: 'shared', type: 'table', data: [1, mark] });
    this.ledger.add('artifacts', artifact.id);
    await this.sendEvents(mark);
    await this.setState('flow_run', run, 'COMPLETED');
  }

  private async createRun(flow_id: string, name: string): Promise<string> {
    const body = {
      flow_id,
      name,
      tags: ['load', name],
      parameters: { x: 1.5 },
      state: { type: 'SCHEDULED' },
    };
    const run = await this.post('/flow_runs/', body);
    this.ledger.add('flow_runs', run.id);
    this.ledger.add('flow_run_states', run.state_id!);
    return run.id;
  }

  private async setState(
    kind: 'flow_run' | 'task_run',
    id: string,
    type: string,
    force = false,
  ): Promise<void> {
    const result = await this.post(`/${kind}s/${id}/set_state`, {
      state: { type, message: 'under load' },
      force,
    });
    if (result.status !== 'ACCEPT') this.refusals.push(`set_state ${type}: ${JSON.stringify(result)}`);
    else this.ledger.add(`${kind}_states`, result.state!.id);
  }

  private async label(run: string, mark: string): Promise<void> {
    await this.send('PATCH', `/flow_runs/${run}/labels`, { [mark]: 1 });
    this.ledger.add('labels', `${run} ${mark}`);
  }

  private async log(mark: string, flow_run_id: string): Promise<void> {
    const timestamp = new Date().toISOString();
    const messages = Array.from({ length: LOGS_A_BATCH }, (_, i) => `${mark} line ${i}`);
    const lines = messages.map((message) => ({ name: 'load', level: 20, message, timestamp, flow_run_id }));
    await this.send('POST', '/logs/', lines);
    this.ledger.add('logs', ...messages);
  }

  private async liveATask(mark: string, flow_run_id: string): Promise<void> {
    const task = await this.post('/task_runs/', { flow_run_id, task_key: 'load', dynamic_key: mark });
    this.ledger.add('task_runs', task.id);
    this.ledger.add('task_run_states', task.state_id!);
    await this.setState('task_run', task.id, 'RUNNING');
    await this.setState('task_run', task.id, 'COMPLETED');
  }

  private async sendEvents(mark: string): Promise<void> {
    const events = Array.from({ length: 5 }, () => ({
      id: randomUUID(),
      occurred: new Date().toISOString(),
      event: `${mark}.happened`,
      resource: { 'prefect.resource.id': `load.${mark}` },
      related: [{ 'prefect.resource.id': 'load', 'prefect.resource.role': 'suite' }],
    }));
    await this.send('POST', '/events', events);
    this.ledger.add('events', ...events.map(({ id }) => id));
  }

  private async read({ flowId, runId }: Shared): Promise<void> {
    const runs = { flow_runs: { tags: { all_: ['load'] } }, flows: { id: { any_: [flowId] } } };
    await this.send('POST', '/flow_runs/filter', { ...runs, limit: 20, sort: 'START_TIME_DESC' });
    await this.send('GET', `/flow_runs/${runId}`);
    await this.send('POST', '/flow_runs/count', runs);
    await this.send('POST', '/logs/filter', { limit: 50, sort: 'TIMESTAMP_DESC' });
    await this.send('POST', '/events/filter', { limit: 20 });
  }

  private async post(path: string, body: unknown): Promise<Answer> {
    return JSON.parse(await this.send('POST', path, body)) as Answer;
  }

  private async send(method: string, path: string, body?: unknown): Promise<string> {
    const began = performance.now();
    const { status, text } = await this.request(method, path, body);
    this.answers++;
    this.slowest = Math.max(this.slowest, performance.now() - began);
    if (status >= 200 && status < 300) return text;
    this.refusals.push(`${method} ${path}: ${status} ${text.slice(0, 300)}`);
    throw new Unanswered(`${method} ${path}: ${status}`);
  }

  private async request(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; text: string }> {
    try {
      const answer = await fetch(this.url + path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      });
      return { status: answer.status, text: await answer.text() };
    } catch (error) {
      throw new Unanswered(`${method} ${path}`, { cause: error });
    }
  }
}
