import { adoptSuite } from './adopt.ts';

adoptSuite('sqlite');
