import { PREFECT_VERSION } from '../version.ts';
import { componentSchemas, type JsonSchema, type Kind } from './kinds/index.ts';
import { UNVERSIONED } from './mount.ts';
import type { Route } from './route.ts';

const VERSION_HEADER = {
  in: 'header',
  name: 'x-prefect-api-version',
  required: false,
  schema: { type: 'string', title: 'X-Prefect-Api-Version' },
};

/** The OpenAPI 3.1 document of a route table, in the shape of Prefect's: same ids, names and titles. */
export function openApiDocument(routes: Route[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(':uuid', '');
    paths[path] = { ...paths[path], [route.method]: operation(route, path) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Prefect REST API', version: PREFECT_VERSION },
    servers: [{ url: '/api' }],
    paths,
    components: { schemas: byName({ ...componentSchemas(), ...VALIDATION_ERROR }) },
  };
}

/** They come in the order in which files are loaded: no import shall move half the document. */
function byName(schemas: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The document as it is committed. */
export function openApiText(routes: Route[]): string {
  return `${JSON.stringify(openApiDocument(routes), null, 2)}\n`;
}

function operation(route: Route, path: string): Record<string, unknown> {
  const id = operationId(route, path);
  const parameters = parametersOf(route, path);
  const status = String(route.status ?? 200);
  return {
    // What only the dashboard calls stands under its resource and under UI.
    tags: path.startsWith('/ui/') ? [route.tag, 'UI'] : [route.tag],
    summary: route.summary,
    operationId: id,
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: requestBody(route.body) }),
    responses: {
      [status]: {
        description: 'Successful Response',
        ...(status !== '204' && { content: json(responseSchema(route, id)) }),
      },
      ...((parameters.length > 0 || route.body) && {
        '422': { description: 'Validation Error', content: json(reference('HTTPValidationError')) },
      }),
    },
  };
}

/** FastAPI's rule: the name of the function, the path and the verb, joined. Prefect's summaries are those names. */
function operationId({ summary, method }: Route, path: string): string {
  const name = summary.toLowerCase().replaceAll(' ', '_');
  return `${name}${path}`.replace(/\W/g, '_').concat('_', method);
}

function parametersOf(route: Route, path: string): unknown[] {
  const inPath = [...route.path.matchAll(/\{(\w+)(:uuid)?\}/g)].map(([, name, uuid]) => {
    const declared = properties(route.params)[name!];
    return {
      name,
      in: 'path',
      required: true,
      schema: declared ?? { type: 'string', ...(uuid && { format: 'uuid' }), title: titleOf(name!) },
    };
  });
  const version = UNVERSIONED.has(path) ? [] : [VERSION_HEADER];
  const headers = membersIn('header', route.headers).filter(({ name }) => name === 'x-prefect-ui');
  return [...inPath, ...membersIn('query', route.query), ...headers, ...version];
}

/** Of the headers one is documented: the others are hints between Prefect's own programs and no part of its document. */
function membersIn(where: 'query' | 'header', kind: Kind<unknown> | undefined) {
  const required = (kind?.schema['required'] ?? []) as string[];
  return Object.entries(properties(kind)).map(([name, schema]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema,
  }));
}

function properties(kind: Kind<unknown> | undefined): Record<string, JsonSchema> {
  return (kind?.schema['properties'] ?? {}) as Record<string, JsonSchema>;
}

function titleOf(name: string): string {
  return name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

function requestBody(body: Kind<unknown>): Record<string, unknown> {
  return { ...(isRequired(body) && { required: true }), content: json(body.schema) };
}

/** A body of several parameters may be left out when each of them may; a single model may not. */
function isRequired(body: Kind<unknown>): boolean {
  if (body.mayBeAbsent) return false;
  const ref = body.schema['$ref'] as string | undefined;
  const name = ref?.slice(ref.lastIndexOf('/') + 1);
  return name === undefined || !name.startsWith('Body_') || 'required' in componentSchemas()[name]!;
}

function responseSchema({ response }: Route, id: string): JsonSchema {
  if (!response) return {};
  if ('$ref' in response.schema) return response.schema;
  return { ...response.schema, title: `Response ${titleOf(id)}` };
}

const json = (schema: JsonSchema) => ({ 'application/json': { schema } });
const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

const VALIDATION_ERROR = {
  HTTPValidationError: {
    type: 'object',
    title: 'HTTPValidationError',
    properties: {
      exception_message: { type: 'string', title: 'Exception Message' },
      exception_detail: {
        type: 'array',
        items: { $ref: '#/components/schemas/ValidationError' },
        title: 'Exception Detail',
      },
      request_body: { title: 'Request Body' },
    },
  },
  ValidationError: {
    type: 'object',
    title: 'ValidationError',
    required: ['loc', 'msg', 'type'],
    properties: {
      loc: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer' }] }, title: 'Location' },
      msg: { type: 'string', title: 'Message' },
      type: { type: 'string', title: 'Error Type' },
      input: { title: 'Input' },
      ctx: { type: 'object', title: 'Context' },
    },
  },
};
