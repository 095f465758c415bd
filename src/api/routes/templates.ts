import { TemplateError } from '../../templates/read/tokens.ts';
import { validateTemplate } from '../../templates/validate.ts';
import { defineRoute, Reply } from '../route.ts';
import { Template } from '../schemas/templates.ts';

/** An empty answer, or what is wrong and where. */
function answerTo(template: string): Reply {
  try {
    validateTemplate(template);
    return new Reply(204, undefined);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { line, message } = error;
    return new Reply(422, { error: { line, message, source: template } });
  }
}

/** Under its old path, too, which Prefect's dashboard still uses. */
export const templateRoutes = ['/templates/validate', '/automations/templates/validate'].map((path) =>
  defineRoute({
    method: 'post',
    path,
    summary: 'Validate Template',
    tag: 'Automations',
    body: Template,
    handler: async ({ body }) => answerTo(body),
  }),
);
