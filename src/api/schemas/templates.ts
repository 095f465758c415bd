import { string, withDefault } from '../kinds/index.ts';

/** The whole body; none, and null, is an empty one. */
export const Template = withDefault(string(), '');
