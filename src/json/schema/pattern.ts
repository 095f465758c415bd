/**
 * The expression of a `pattern`, which clients write for Python.
 * @throws SyntaxError
 */
export function patternOf(source: unknown): RegExp {
  const text = String(source).replaceAll('(?P<', '(?<').replace(/\\A/g, '^').replace(/\\Z/g, '$');
  try {
    return new RegExp(text, 'u');
  } catch {
    // Python lets more be escaped than JavaScript with this flag does.
    return new RegExp(text);
  }
}
