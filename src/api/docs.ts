import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Router } from 'express';
import { openApiDocument } from './openapi.ts';
import { allRoutes } from './routers.ts';

const PAGE = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Prefect REST API</title><link rel="stylesheet" href="docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true });</script>
</body></html>`;

/** The document and its page, with everything that the page needs from this server: it works without a network. */
export function docs(): Router {
  const router = express.Router();
  let document: string | undefined;
  router.get('/openapi.json', (_request, response) => {
    document ??= JSON.stringify(openApiDocument(allRoutes));
    response.type('application/json').send(document);
  });
  // Prefect has a second page of the same document.
  router.get(['/docs', '/redoc'], (_request, response) => {
    response.type('html').send(PAGE);
  });
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  router.use('/docs', express.static(assets, { index: false, maxAge: '1d' }));
  return router;
}
