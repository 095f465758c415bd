import { adoptSuite } from './adopt.ts';

adoptSuite('postgres');
