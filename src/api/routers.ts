import type { Route } from './route.ts';
import { eventRoutes } from './routes/events.ts';
import { flowRoutes } from './routes/flows.ts';
import { rootRoutes } from './routes/root.ts';

/** Every route of the server, by the prefix that its resource has; routing, validation and the document come from here. */
const resources: Route[][] = [rootRoutes, flowRoutes, eventRoutes];

/** Routes below their first path segment, so that a request is matched against those of its own resource only. */
export const routers: [prefix: string, routes: Route[]][] = [...groupByPrefix(resources.flat())];

function groupByPrefix(routes: Route[]): Map<string, Route[]> {
  const groups = new Map<string, Route[]>();
  for (const route of routes) {
    const prefix = /^\/[^/]+(?=\/)/.exec(route.path)?.[0] ?? '';
    const group = groups.get(prefix) ?? [];
    group.push({ ...route, path: route.path.slice(prefix.length) });
    groups.set(prefix, group);
  }
  return groups;
}

export const allRoutes: Route[] = resources.flat();
