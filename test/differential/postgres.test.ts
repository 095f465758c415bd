import { differentialSuite } from './suite.ts';

differentialSuite('postgres');
