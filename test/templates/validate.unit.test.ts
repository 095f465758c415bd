import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TemplateError } from '../../src/templates/read/tokens.ts';
import { validateTemplate } from '../../src/templates/validate.ts';

type Verdict = [line: number, message: string] | null;

function verdictOn(template: string): Verdict {
  try {
    validateTemplate(template);
    return null;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return [error.line, error.message];
  }
}

test("1,500 templates are judged as Prefect's own server judges them", () => {
  const recorded = readFileSync(join(import.meta.dirname, 'fixtures/jinja.json'), 'utf8');
  const cases = JSON.parse(recorded) as [template: string, verdict: Verdict][];
  const ours = cases.map(([template]) => [template, verdictOn(template)]);
  expect(cases.filter(([, verdict]) => verdict === null).length).toBeGreaterThan(50);
  expect(ours).toEqual(cases);
});

test('loops are counted wherever they stand', () => {
  const loop = (inner = '') => `{% for a in b %}${inner}{% endfor %}`;
  expect(verdictOn(loop(loop()))).toBeNull();
  expect(verdictOn(loop(`{% if c %}${loop(loop())}{% endif %}`))).toEqual([
    0,
    'Contains nested for loops at a depth of 3. Templates can nest for loops no more than 2 loops deep.',
  ]);
  expect(verdictOn(loop().repeat(10))).toBeNull();
  expect(verdictOn(loop().repeat(11))?.[1]).toContain('Contains 11 for loops');
});

test('a line is where the trouble begins', () => {
  expect(verdictOn('a\r\nb\r{{ "x\ny" }}\n{{ }}')).toEqual([
    5,
    "Expected an expression, got 'end of print statement'",
  ]);
});

test('very deep nesting is no way to stop the server', () => {
  for (const piece of ['(', '- ', '[', '{% if a %}', 'not ', 'a if b else ', 'f(']) {
    const deep = piece.repeat(100_000);
    expect(verdictOn(piece.startsWith('{%') ? deep : `{{ ${deep}`)).not.toBeNull();
  }
});
