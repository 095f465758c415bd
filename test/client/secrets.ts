/** Secrets over plain HTTP, as any server answers: for blocks that outlive the server that encrypted them. */

interface Row {
  id: string;
}

export async function saveSecret(api: string, name: string, value: unknown): Promise<void> {
  const type = await ask<Row>(`${api}/block_types/slug/secret`);
  const [schema] = await ask<Row[]>(`${api}/block_schemas/filter`, {
    block_schemas: { block_type_id: { any_: [type.id] } },
  });
  await ask(`${api}/block_documents/`, {
    name,
    data: { value },
    block_type_id: type.id,
    block_schema_id: schema!.id,
  });
}

/** All secrets by name, as who may see them reads them. */
export async function secretsOf(api: string): Promise<Record<string, unknown>> {
  const documents = await ask<{ name: string; data: { value: unknown } }[]>(
    `${api}/block_types/slug/secret/block_documents?include_secrets=true`,
  );
  return Object.fromEntries(documents.map(({ name, data }) => [name, data.value]));
}

async function ask<Answer>(url: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
