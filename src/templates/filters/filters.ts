import { CHOOSING_FILTERS } from './choosing.ts';
import type { Filter } from './filter.ts';
import { LIST_FILTERS } from './lists.ts';
import { NUMBER_FILTERS } from './numbers.ts';
import { TEXT_FILTERS } from './texts.ts';

/** Jinja's filters by their names. */
export const FILTERS: Record<string, Filter> = {
  ...TEXT_FILTERS,
  ...NUMBER_FILTERS,
  ...LIST_FILTERS,
  ...CHOOSING_FILTERS,
};

/** Jinja's, and Prefect's, that aren't here. */
export const OTHER_FILTERS =
  /^(?:filesizeformat|forceescape|pprint|random|urlize|wordwrap|xmlattr|humanize_(?:abs_timedelta|activate|apnumber|clamp|date_and_delta|deactivate|decimal_separator|fractional|intcomma|intword|metric|naturaldate|naturalday|naturaldelta|naturalsize|naturaltime|ordinal|precisedelta|scientific|thousands_separator))$/;
