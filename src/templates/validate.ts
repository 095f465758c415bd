import { type ReadTemplate, StatementReader } from './read/statements.ts';
import { TemplateError } from './read/tokens.ts';

const MOST_LOOPS = 10;
const DEEPEST_LOOPS = 2;

/**
 * Reads a template as Jinja would, and refuses more loops than Prefect allows. The names of filters and tests aren't
 * looked at.
 * @throws TemplateError
 */
export function validateTemplate(template: string): ReadTemplate {
  const read = new StatementReader(template).read();
  if (read.loops > MOST_LOOPS) {
    throw new TemplateError(
      `Contains ${read.loops} for loops. Templates can contain no more than ${MOST_LOOPS} for loops.`,
      0,
    );
  }
  if (read.depth > DEEPEST_LOOPS) {
    throw new TemplateError(
      `Contains nested for loops at a depth of ${read.depth}. Templates can nest for loops no more than ${DEEPEST_LOOPS} loops deep.`,
      0,
    );
  }
  return read;
}
