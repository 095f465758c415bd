import { withoutComments } from '../chain/script.ts';

/** One statement, up to its semicolon. */
const LEAVES_ROWS = /^(?:create\s+table|(?:create\s+(?:unique\s+)?|drop\s+)index)\b[^;]*;?$/i;

/** Whether a statement leaves all rows and foreign keys as they are: then there is no need to look at every one. */
export const leavesRows = (statement: string): boolean => LEAVES_ROWS.test(withoutComments(statement));
