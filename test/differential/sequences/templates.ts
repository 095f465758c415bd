import { each, type Group, patch, post } from '../sequence.ts';
import { aFlow } from './seeds.ts';

const jinja = (template: unknown) => ({ __prefect_kind: 'jinja', template });

/** Templates in parameters: of a run, of many runs, and of the deployment itself. */
export const templates: Group = {
  name: 'templates',
  sequences: each(
    'parameters',
    {
      'template with an expression': {
        a: jinja("{{ [3, 1] | sort | join('-') }}{% if nope %}x{% else %}y{% endif %}"),
      },
      'template with a loop': { a: jinja('{% for i in range(3) %}{{ loop.index }}:{{ i }} {% endfor %}') },
      'template in a list': { b: [jinja('{{ 1.0 }}'), { b: jinja("{{ {'a': none} | tojson }}") }] },
      'template of names that there are not': { a: jinja('[{{ nope }}{{ flow_run.name }}]') },
      'template with a bad tag': { a: jinja('{% for %}') },
      'template without an end': { a: jinja('{% if 1 %}') },
      'template that divides by zero': { a: jinja('{{ 1 / 0 }}') },
      'template that calls what there is not': { a: jinja('{{ nope() }}') },
      'template with an unknown filter': { a: jinja("{{ 'a' | nofilter }}") },
      'template with deep loops': {
        a: jinja('{% for i in a %}{% for j in a %}{% for k in a %}{% endfor %}{% endfor %}{% endfor %}'),
      },
      'template with many loops': { a: jinja('{% for i in a %}{% endfor %}'.repeat(11)) },
      'template with a long range': { a: jinja('{% for i in range(101) %}{% endfor %}') },
      'template that looks for classes': { a: jinja("[{{ ''.__class__ }}]") },
      'template that goes through classes': { a: jinja("{{ ''.__class__.__mro__[1].__subclasses__() }}") },
      'template that changes a list': { a: jinja('{{ [1].append(2) }}') },
      'template that includes': { a: jinja("{% include 'x' %}") },
      'template that is made': { a: jinja({ __prefect_kind: 'json', value: '"{{ 1 + 1 }}"' }) },
    },
    (parameters) => [
      ...aFlow,
      post('/deployments/', { name: 'd-<tag>', flow_id: '<flow.id>' }, { save: 'd', unordered: true }),
      post('/deployments/<d.id>/create_flow_run', { name: 'r', parameters }, { unordered: true }),
      post('/deployments/<d.id>/create_flow_run/bulk', [{ name: 'r', parameters }]),
      patch('/deployments/<d.id>', { parameters }),
      post('/ui/schemas/validate', {
        schema: { properties: { a: { type: 'integer' } } },
        values: parameters,
      }),
    ],
  ),
};
