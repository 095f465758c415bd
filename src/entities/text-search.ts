/** The little language in which logs and events are searched; every term is looked for anywhere, whatever its case. */
export interface TextSearch {
  /** One of these must be there, if there are any. */
  include: string[];
  /** None of these may be there. */
  exclude: string[];
  /** All of these must be there. */
  required: string[];
}

const TERM = /([-!+](?=\S))?(?:"((?:\\[\s\S]|[^"\\])*\\?)(?:"|$)|([^\s"]+))|\S/g;

/** Words apart by spaces; `-` or `!` excludes, `+` requires; `"a phrase"` is one term, with `\"` and `\\` in it. */
export function parseTextSearch(query: string): TextSearch {
  const search: TextSearch = { include: [], exclude: [], required: [] };
  for (const [found, prefix, phrase, word] of query.matchAll(TERM)) {
    // A sign before a space, or a quote that nothing follows, means nothing.
    if (prefix === undefined && /^[-!+]$/.test(found)) continue;
    const term = word ?? phrase?.replace(/\\(["\\])/g, '$1');
    if (term === undefined || term.trim() === '') continue;
    if (prefix === '+') search.required.push(term);
    else if (prefix === undefined) search.include.push(term);
    else search.exclude.push(term);
  }
  return search;
}
