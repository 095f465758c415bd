import type { output } from 'zod';
import { enumeration } from '../kinds/index.ts';

export const Operator = enumeration('Operator', ['and_', 'or_']);
export type Operator = output<typeof Operator>;
