import { pythonText } from '../json/schema/python-text.ts';

/** What goes wrong while a template is rendered, as Python would show the error. */
export class RenderFault extends Error {
  constructor(type: string, message: string) {
    super(`${type}(${pythonText(message)})`);
  }
}

export const typeError = (message: string): RenderFault => new RenderFault('TypeError', message);

/** What Jinja can and this server can't; or what it won't do because there would be no end of it. */
export class Unrendered extends Error {}

export const unrendered = (what: string): Unrendered =>
  new Unrendered(`This server renders no templates with ${what}; send the value itself.`);
