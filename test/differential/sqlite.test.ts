import { differentialSuite } from './suite.ts';

differentialSuite('sqlite');
