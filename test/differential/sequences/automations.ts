import { del, each, type Group, get, patch, post, send, sequence } from '../sequence.ts';

const filters: Record<string, unknown> = {
  'id any': { id: { any_: ['<uuid:nobody>'] } },
  'name any': { name: { any_: ['nobody-<tag>'] } },
  'created before': { created: { before_: '2020-01-01T00:00:00Z' } },
  'tags all': { tags: { all_: ['nobody-<tag>'] } },
  'tags any': { tags: { any_: ['nobody-<tag>'] } },
  'an unknown member': { colour: 'red' },
  'id no uuid': { id: { any_: ['x'] } },
};

/** What a client that deploys asks for, and the templates of messages. Automations can't be made yet. */
export const automations: Group = {
  name: 'automations',
  sequences: [
    sequence('what a deployment asks for', [
      del('/automations/owned-by/prefect.deployment.<uuid:nobody>'),
      get('/automations/related-to/prefect.deployment.<uuid:nobody>'),
      get('/automations/<uuid:nobody>'),
      get('/automations/nobody'),
      del('/automations/<uuid:nobody>'),
      patch('/automations/<uuid:nobody>', { enabled: false }),
      patch('/automations/<uuid:nobody>', {}),
      patch('/automations/<uuid:nobody>', { enabled: null }),
      patch('/automations/<uuid:nobody>', { name: 'x' }),
    ]),
    ...Object.entries(filters).map(([name, automations]) =>
      sequence(
        `filter and count by ${name}`,
        post('/automations/filter', { automations }),
        post('/automations/count', { automations }),
      ),
    ),
    sequence(
      'sorts and limits',
      ...['NAME_ASC', 'NAME_DESC', 'CREATED_DESC', 'UPDATED_DESC', 'NOTHING'].map((sort) =>
        post('/automations/filter', { automations: filters['name any'], sort }),
      ),
      post('/automations/filter', { limit: 201 }),
      post('/automations/filter', { offset: -1 }),
    ),
    ...each(
      'template',
      {
        empty: '',
        text: 'Flow run {{ flow_run.name }} is {{ flow_run.state.name | upper }}',
        unfinished: '{{ a',
        'no end': '{% if a %}\n{{ a }}',
        'an unknown tag': '{% foo %}',
        'three loops within each other':
          '{% for a in b %}{% for c in d %}{% for e in f %}{% endfor %}{% endfor %}{% endfor %}',
        'a number': 5,
        'an object': { template: 'x' },
        null: null,
      },
      (body) => [post('/templates/validate', body), post('/automations/templates/validate', body)],
    ),
    sequence('template: none', send('POST', '/templates/validate')),
  ],
};
