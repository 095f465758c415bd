import { AUTH_STRING, guarded } from './sequences/guarded.ts';
import { differentialSuite } from './suite.ts';

differentialSuite('sqlite', [guarded], {
  PREFECT_SERVER_API_AUTH_STRING: AUTH_STRING,
  PREFECT_SERVER_CSRF_PROTECTION_ENABLED: 'true',
});
