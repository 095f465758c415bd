import { JsonText } from '../../src/json/json.ts';
import { moment, type Random } from './random.ts';
import type { Sink } from './sink.ts';

export interface Deployment {
  id: string;
  flowId: string;
  flowName: string;
  name: string;
  tags: string[];
  version: string;
}

/** What runs refer to. */
export interface Estate {
  deployments: Deployment[];
  queueId: string;
}

export const START = Date.UTC(2025, 0, 1);

const FLOWS = 'ingest clean score train report export reconcile notify archive rebuild'.split(' ');
const SUBJECTS = 'orders customers invoices events sensors prices models clicks stock tickets'.split(' ');
const TAGS = ['prod', 'staging', 'nightly', 'team:data', 'team:ml', 'critical', 'größe:xl', 'backfill'];

/** A few hundred flows at most, two deployments each, and what belongs to a house like that. */
export async function seedEstate(sink: Sink, random: Random, runs: number): Promise<Estate> {
  const queueId = await seedWorkPool(sink, random);
  const flows = Array.from({ length: Math.min(400, Math.ceil(runs / 500) + 2) }, (_, i) => ({
    id: random.uuid(),
    name: `${FLOWS[i % 10]}-${SUBJECTS[Math.floor(i / 10) % 10]}-${i}`,
    tags: [random.of(TAGS)],
  }));
  await sink.add(
    'flow',
    flows.map((flow) => ({ ...flow, ...dated(START), labels: { 'owner.team': 'data' } })),
  );
  const deployments = flows.flatMap((flow) =>
    ['daily', 'on demand'].map((name) => deploymentOf(flow, name, random)),
  );
  await sink.add(
    'deployment',
    deployments.map((deployment) => deploymentRow(deployment, queueId)),
  );
  await sink.add(
    'deployment_schedule',
    deployments.filter(({ name }) => name === 'daily').map(({ id }) => scheduleRow(id, random)),
  );
  await seedVariables(sink, random);
  await seedBlocks(sink, random);
  return { deployments, queueId };
}

const dated = (time: number) => ({ created: moment(time), updated: moment(time + 3_600_000) });

async function seedWorkPool(sink: Sink, random: Random): Promise<string> {
  const [poolId, queueId] = [random.uuid(), random.uuid()];
  await sink.add('work_pool', [
    {
      id: poolId,
      ...dated(START),
      name: 'process-pool',
      type: 'process',
      default_queue_id: queueId,
      status: 'READY' as const,
    },
  ]);
  await sink.add('work_queue', [
    { id: queueId, ...dated(START), name: 'default', work_pool_id: poolId, status: 'READY' as const },
  ]);
  return queueId;
}

function deploymentOf(flow: { id: string; name: string }, name: string, random: Random): Deployment {
  const tags = [random.of(TAGS), random.of(TAGS)].sort();
  return {
    id: random.uuid(),
    flowId: flow.id,
    flowName: flow.name,
    name,
    tags,
    version: random.uuid().slice(0, 8),
  };
}

function deploymentRow({ id, flowId, name, tags, version, flowName }: Deployment, queueId: string) {
  return {
    ...{
      id,
      ...dated(START),
      name,
      tags,
      version,
      flow_id: flowId,
      work_queue_id: queueId,
      work_queue_name: 'default',
    },
    entrypoint: `flows/${flowName}.py:${flowName.replaceAll('-', '_')}`,
    parameters: new JsonText('{"batch_size": 1000, "ratio": 1.0}'),
    parameter_openapi_schema: new JsonText(
      '{"title": "Parameters", "type": "object", "properties": {"batch_size": {"type": "integer", "position": 0}, "ratio": {"type": "number", "position": 1}}}',
    ),
    labels: { 'owner.team': 'data', tier: 2 },
    status: 'READY' as const,
  };
}

const scheduleRow = (deploymentId: string, random: Random) => ({
  ...{ id: random.uuid(), ...dated(START), deployment_id: deploymentId, active: true },
  schedule: {
    cron: `${random.below(60)} ${random.below(24)} * * *`,
    timezone: 'Europe/Berlin',
    day_or: true,
  },
});

async function seedVariables(sink: Sink, random: Random): Promise<void> {
  const values = ['1.0', '12345678901234567890', '"ein Text mit ß"', '{"a": [1, 2.50, null]}', 'true'];
  const rows = Array.from({ length: 100 }, (_, i) => ({
    ...{ id: random.uuid(), ...dated(START), name: `variable_${i}`, tags: [random.of(TAGS)] },
    value: new JsonText(values[i % values.length]!),
  }));
  await sink.add('variable', rows);
}

async function seedBlocks(sink: Sink, random: Random): Promise<void> {
  const [typeId, schemaId] = [random.uuid(), random.uuid()];
  await sink.add('block_type', [{ id: typeId, ...dated(START), name: 'Bench Store', slug: 'bench-store' }]);
  await sink.add('block_schema', [
    {
      id: schemaId,
      ...dated(START),
      block_type_id: typeId,
      checksum: `sha256:${random.uuid()}`,
      fields: new JsonText('{"title": "Bench Store"}'),
    },
  ]);
  const documents = Array.from({ length: 100 }, (_, i) => ({
    ...{ id: random.uuid(), ...dated(START), name: `store-${i}`, block_type_name: 'Bench Store' },
    ...{ block_schema_id: schemaId, block_type_id: typeId },
    data: new JsonText(`{"bucket": "bucket-${i}", "retries": 3.0}`),
  }));
  await sink.add('block_document', documents);
}
