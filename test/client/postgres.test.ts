import { clientSuite } from './suite.ts';

clientSuite('postgres');
