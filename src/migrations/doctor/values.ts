import { type Problem, predicate } from '../copy/problems.ts';
import { literal, quote } from '../quotes.ts';
import { type Finding, finding } from './findings.ts';

/** Values that a server can't read as what their columns are to hold, and those that PostgreSQL couldn't hold. */
export const valueFindings = (problems: readonly Problem[]): Finding[] =>
  problems.map((problem) => {
    const { table, column, key, keys, onlyPg, replaceable } = problem;
    const look = `SELECT * FROM ${quote(table)} WHERE ${quote(key)} IN (${keys.map(literal).join(', ')})`;
    const replace = replaceable ? ', or copy it with --replace-characters' : '';
    return finding({
      ...{
        code: onlyPg ? 'value.not_portable' : 'value.wrong',
        severity: onlyPg ? 'notice' : 'error',
        object: `column ${column} of ${table}`,
      },
      problem: predicate(problem),
      advice: onlyPg
        ? `leave it, unless you mean to copy the database to PostgreSQL, which can't hold it: then correct it${replace}`
        : `look at it with ${look}, and correct or delete it`,
    });
  });
