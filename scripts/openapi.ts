/** Writes openapi.json from the route table; a check compares what is committed with it. */
import { writeFileSync } from 'node:fs';
import { openApiText } from '../src/api/openapi.ts';
import { allRoutes } from '../src/api/routers.ts';

writeFileSync(new URL('../openapi.json', import.meta.url), openApiText(allRoutes));
