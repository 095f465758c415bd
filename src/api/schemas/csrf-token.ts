import { model, parameters, string, timestamp } from '../kinds/index.ts';
import { row } from './row.ts';

export const CsrfToken = model('CsrfToken', {
  ...row,
  token: string(),
  client: string(),
  expiration: timestamp(),
});

export const CsrfTokenQuery = parameters({ client: string() });
