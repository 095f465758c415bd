import { clientSuite } from './suite.ts';

clientSuite('sqlite');
