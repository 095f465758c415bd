import type { RequestHandler, Router } from 'express';

/**
 * Prefect looks for a route in the decoded path: /deployments/name/flow%2Fdeployment is /deployments/name/flow/deployment.
 * Here only what no route takes as it is, is looked for so: a key with a slash in it can still be asked for.
 */
export const decodeSlashes =
  (api: Router): RequestHandler =>
  (request, response, next) => {
    if (!/%2f/i.test(request.path)) return next();
    request.url = decoded(request.url);
    request.originalUrl = decoded(request.originalUrl);
    api(request, response, next);
  };

function decoded(url: string): string {
  const [path, ...query] = url.split('?');
  return [path!.replace(/%2f/gi, '/'), ...query].join('?');
}
