import type { Service } from './service.ts';

/** Every background service, in the order of `services ls`. */
export const services: readonly Service[] = [];
