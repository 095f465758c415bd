import type { Socket } from './socket.ts';

/** What stands beside the filter. */
type Rest = { readonly [member: string]: unknown };

/**
 * Reads the one frame with which a client asks for what it wants to hear of; what else it sends says nothing.
 * @param parse throws an Error that says what is wrong with the filter
 */
export function onFilter<Filter>(
  socket: Socket,
  parse: (value: unknown) => Filter,
  begin: (filter: Filter, rest: Rest) => void,
): void {
  socket.onText = (text) => {
    socket.onText = () => {};
    const frame = readFrame(text, parse);
    if (typeof frame === 'string') socket.close(1002, frame);
    else begin(frame.filter, frame.rest);
  };
}

/** The frame, or what is wrong with it. */
function readFrame<Filter>(
  text: string,
  parse: (value: unknown) => Filter,
): { filter: Filter; rest: Rest } | string {
  let message: { type?: unknown; filter?: unknown } | null;
  try {
    message = JSON.parse(text);
  } catch {
    return "Expected a JSON object of the type 'filter'";
  }
  if (message?.type !== 'filter') return "Expected 'filter' message";
  const { filter, ...rest } = message;
  try {
    return { filter: parse(filter), rest };
  } catch (error) {
    return `Invalid filter: ${error instanceof Error ? error.message : String(error)}`;
  }
}
