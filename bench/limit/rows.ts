/** What the limit does on either engine. */
export interface Rows {
  get(id: string): Promise<unknown>;
  create(body: CreateBody): Promise<unknown>;
  setState(id: string, body: StateBody): Promise<unknown>;
  filter(types: string[], limit: number): Promise<unknown[]>;
  count(types: string[]): Promise<number>;
  logs(body: LogBody[]): Promise<void>;
  events(body: EventBody[]): Promise<void>;
}

export interface StateBody {
  state: { type: string; name: string };
}
export interface CreateBody extends StateBody {
  flow_id: string;
  name: string;
  parameters: unknown;
  tags: unknown;
}
export interface LogBody {
  name: string;
  level: number;
  message: string;
  timestamp: string;
  flow_run_id: string | null;
}
export interface EventBody {
  id: string;
  occurred: string;
  event: string;
  resource: Record<string, string>;
  related: unknown;
  payload: unknown;
}

/** A run with its state, as both engines read it. */
export const RUN = `select r.*, s.id as s_id, s.type as s_type, s.name as s_name, s.timestamp as s_timestamp, s.message as s_message,
  s.state_details as s_details, s.data as s_data from flow_run r left join flow_run_state s on s.id = r.state_id`;
