import { type EventCount as Count, countEventsBy, InvalidCount } from '../../entities/event/counts.ts';
import { receiveEvent } from '../../entities/event/event.ts';
import { countEvents, readEvents } from '../../entities/event/query.ts';
import { detail, errors } from '../../errors.ts';
import { eventStoreOf } from '../../events/event-store.ts';
import { isTooLarge } from '../../events/events-in.ts';
import { nextPageToken, type Page, readPageToken } from '../../events/page-token.ts';
import { int, list, parameters } from '../kinds/index.ts';
import { parse } from '../kinds/validation.ts';
import { type Context, defineRoute } from '../route.ts';
import { EventFilter } from '../schemas/event-filter.ts';
import {
  EventCount,
  EventPage,
  EventsCountByBody,
  EventsCountByPath,
  EventsCreateBody,
  EventsFilterBody,
  EventsNextPageQuery,
} from '../schemas/events.ts';

const tag = 'Events';

export const eventRoutes = [
  defineRoute({
    method: 'post',
    path: '/events',
    summary: 'Create Events',
    tag,
    body: EventsCreateBody,
    status: 204,
    handler: async ({ body }, { db, log, settings }) => {
      const most = settings.server.events.maximumSizeBytes;
      const events = body.map((event) => receiveEvent(event)).filter((event) => !isTooLarge(event, most));
      if (events.length < body.length)
        log.warn({ dropped: body.length - events.length }, 'events are too large');
      await eventStoreOf(db, log).write(events);
    },
  }),
  defineRoute({
    method: 'post',
    path: '/events/filter',
    summary: 'Read Events',
    tag,
    body: EventsFilterBody,
    response: EventPage,
    handler: async ({ body }, context) => {
      const filter = body.filter ?? EventFilter.parse({});
      const count = await context.db.longRead(() => countEvents(context.db, filter));
      return readPage({ filter, count, page_size: body.limit, offset: 0 }, context);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/events/filter/next',
    summary: 'Read Account Events Page',
    tag,
    query: EventsNextPageQuery,
    response: EventPage,
    handler: async ({ query }, context) => {
      const page = parse(PageOfToken, readPageToken(query['page-token']), 'query');
      if (!page.ok) throw detail(403, 'Forbidden');
      return readPage(page.value, context);
    },
  }),
  defineRoute({
    method: 'post',
    path: '/events/count-by/{countable}',
    summary: 'Count Account Events',
    tag,
    params: EventsCountByPath,
    body: EventsCountByBody,
    response: list(EventCount),
    handler: async ({ params, body }, { db }): Promise<Count[]> => {
      try {
        return await db.longRead(() =>
          countEventsBy(db, params.countable, body.filter, body.time_unit, body.time_interval),
        );
      } catch (error) {
        throw error instanceof InvalidCount ? errors.unprocessable(error.message) : error;
      }
    },
  }),
];

const PageOfToken = parameters({
  filter: EventFilter,
  count: int({ ge: 0 }),
  page_size: int({ ge: 0, le: 50 }),
  offset: int({ ge: 0 }),
});

async function readPage(page: Page, { db, origin, settings }: Context): Promise<unknown> {
  const events = await db.longRead(() =>
    readEvents(db, page.filter, { limit: page.page_size, offset: page.offset }),
  );
  const token = nextPageToken(page);
  const base = settings.server.api.basePath ?? '/api';
  const next_page = token && `${origin}${base}/events/filter/next?page-token=${token}`;
  return { events, total: page.count, next_page };
}
