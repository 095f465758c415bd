import { readFile } from 'node:fs/promises';
import { detail } from '../../errors.ts';
import { JsonText } from '../../json/json.ts';
import { jsonObject } from '../kinds/index.ts';
import { defineRoute } from '../route.ts';

/** The views of Prefect's collections; what isn't here Prefect itself has only with the internet at hand. */
const HERE = new Set(['aggregate-worker-metadata']);
const ELSEWHERE = new Set(['aggregate-block-metadata', 'aggregate-flow-metadata', 'demo-flows']);

const read = new Map<string, JsonText>();

export const collectionRoutes = [
  defineRoute({
    method: 'get',
    path: '/collections/views/{view}',
    summary: 'Read View Content',
    tag: 'Collections',
    response: jsonObject(),
    handler: async ({ params }) => {
      const view = params.view!;
      if (ELSEWHERE.has(view)) throw detail(404, `Requested content missing for view ${view}`);
      if (!HERE.has(view)) throw detail(404, `View ${view} not found in registry`);
      const known = read.get(view);
      if (known) return known;
      const file = new URL(`../../../catalogue/views/${view}.json`, import.meta.url);
      const content = new JsonText((await readFile(file, 'utf8')).trim());
      read.set(view, content);
      return content;
    },
  }),
];
