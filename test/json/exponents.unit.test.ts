import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutExponents } from '../../src/json/exponents.ts';

test.each([
  ['1e16', '10000000000000000.0'],
  ['-1.5E+3', '-1500.0'],
  ['12.345e1', '123.45'],
  ['1e-7', '0.0000001'],
  ['0e5', '0.0'],
  ['{"a":[1e2,"1e2","\\"1e2"],"1e2":1}', '{"a":[100.0,"1e2","\\"1e2"],"1e2":1}'],
  ['1e999999999', '1e999999999'],
  ['{"a":1.0,"b":12345678901234567890}', '{"a":1.0,"b":12345678901234567890}'],
])('%s is %s', (text, decimal) => {
  expect(withoutExponents(text)).toBe(decimal);
});

test('the number stays the same', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      // toExponential drops the sign of a zero, which is not what is tested here.
      const sent = Object.is(number, -0) ? '-0e+0' : number.toExponential();
      const decimal = withoutExponents(sent);
      expect(Number(decimal)).toBe(number);
      expect(decimal).toMatch(/^-?\d+\.\d+$/);
    }),
  );
});
