import { enumeration } from '../kinds/index.ts';

export const Operator = enumeration('Operator', ['and_', 'or_']);
