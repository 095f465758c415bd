import type { TextSearch } from '../text-search.ts';
import { type Labels, RESOURCE_ID, RESOURCE_ROLE, type ReceivedEvent } from './event.ts';
import type { Criterion, ResourceTest, TextTest } from './filter.ts';

/** Whether a query with these criteria would find the event. */
export function matchesEvent(criteria: Criterion[], event: ReceivedEvent): boolean {
  return criteria.every((criterion) => matchesCriterion(criterion, event));
}

function matchesCriterion(criterion: Criterion, event: ReceivedEvent): boolean {
  switch (criterion.on) {
    case 'occurred':
      return event.occurred >= criterion.since && event.occurred <= criterion.until;
    case 'name':
      return matchesText(criterion.is, event.event);
    case 'id':
      return criterion.ids.includes(event.id);
    case 'some resource':
      return hasResource(criterion.tests, event);
    case 'text':
      return isFoundBy(criterion.search, event);
  }
}

function hasResource(tests: ResourceTest[], { resource, related }: ReceivedEvent): boolean {
  const meetsAll = (labels: Labels, role: string) =>
    tests.every((test) => matchesResource(test, labels, role));
  return meetsAll(resource, '') || related.some((labels) => meetsAll(labels, labels[RESOURCE_ROLE]!));
}

function matchesResource(test: ResourceTest, labels: Labels, role: string): boolean {
  const id = labels[RESOURCE_ID]!;
  switch (test.of) {
    case 'id':
      return matchesText(test.is, id);
    case 'role':
      return matchesText(test.is, role);
    case 'label':
      return Object.hasOwn(labels, test.label) && matchesText(test.is, labels[test.label]!);
    case 'id and role':
      return test.pairs.some((pair) => pair[0] === id && pair[1] === role);
  }
}

function matchesText(is: TextTest, text: string): boolean {
  switch (is.test) {
    case 'oneOf':
      return is.values.includes(text) !== (is.negated ?? false);
    case 'startsWith':
      return is.prefixes.some((prefix) => text.startsWith(prefix)) !== (is.negated ?? false);
    case 'matches':
      return is.patterns.some(({ glob, negated }) => matchesGlob(glob, text) !== negated);
  }
}

/** `*` stands for any text, `?` for any character. Looks back to the last `*` only, so that no pattern is slow. */
export function matchesGlob(glob: string, text: string): boolean {
  const pattern = [...glob];
  const characters = [...text];
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < characters.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      resume = i;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === characters[i])) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

function isFoundBy({ include, exclude, required }: TextSearch, event: ReceivedEvent): boolean {
  const searched = [
    event.event,
    JSON.stringify(event.resource),
    JSON.stringify(event.related),
    event.payload.text,
  ]
    .join(' ')
    .toLowerCase();
  const has = (term: string) => searched.includes(term.toLowerCase());
  return (include.length === 0 || include.some(has)) && !exclude.some(has) && required.every(has);
}
