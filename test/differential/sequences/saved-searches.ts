import { del, each, type Group, get, post, put, send, sequence } from '../sequence.ts';

const criterion = {
  object: 'flow',
  property: 'name',
  type: 'string',
  operation: 'equals',
  value: { x: [1] },
};

export const savedSearches: Group = {
  name: 'saved_searches',
  sequences: [
    sequence('save, save again, read, delete', [
      put('/saved_searches/', { name: 's-<tag>', filters: [criterion] }, { save: 'one' }),
      get('/saved_searches/<one.id>'),
      put('/saved_searches/', { name: 's-<tag>', filters: [{ ...criterion, colour: 'red', value: null }] }),
      put('/saved_searches/', { name: 's-<tag>' }),
      get('/saved_searches/<one.id>'),
      del('/saved_searches/<one.id>'),
      del('/saved_searches/<one.id>'),
      get('/saved_searches/<one.id>'),
      get('/saved_searches/x'),
    ]),
    sequence('values come back as they were sent', [
      send(
        'PUT',
        '/saved_searches/',
        '{"name":"n-<tag>","filters":[{"object":"a","property":"b","type":"c","operation":"d","value":1.0}]}',
        { save: 'one' },
      ),
      get('/saved_searches/<one.id>'),
    ]),
    sequence('list', [
      put('/saved_searches/', { name: 'b-<tag>' }),
      put('/saved_searches/', { name: 'a-<tag>' }),
      post('/saved_searches/filter', { limit: 0 }),
      post('/saved_searches/filter', { limit: 201 }),
      post('/saved_searches/filter', { offset: -1 }),
      post('/saved_searches/filter', { offset: 100_000 }),
    ]),
    ...each(
      'bad save',
      {
        'no name': {},
        'name null': { name: null },
        'an empty criterion': { name: 'x', filters: [{}] },
        'criteria that are texts': { name: 'x', filters: ['y'] },
        'filters null': { name: 'x', filters: null },
        'an unknown member': { name: 'x', colour: 'red' },
        'a list': [],
      },
      (body) => [put('/saved_searches/', body)],
    ),
    sequence('verbs', get('/saved_searches/'), put('/saved_searches', { name: 'x' })),
  ],
};
