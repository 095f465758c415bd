import { endExpiredLeases } from '../entities/concurrency/lease.ts';
import { slotWaits } from '../orchestration/slot-settings.ts';
import type { Service } from './service.ts';

const PAGE = 100;

/** Prefect's Repossessor. */
export const repossessor: Service = {
  name: 'repossessor',
  about: 'takes back slots of concurrency limits that nobody renews the lease of',
  setting: 'server.services.repossessor.enabled',
  enabled: ({ server }) => server.services.repossessor.enabled,
  intervalSeconds: ({ server }) => server.services.repossessor.loopSeconds,

  async turn({ db, settings, log }) {
    const ended = await endExpiredLeases(db, PAGE, slotWaits(settings));
    if (ended > 0) log.info({ leases: ended }, 'took back what nobody holds any more');
    return ended === PAGE ? 'more' : undefined;
  },
};
