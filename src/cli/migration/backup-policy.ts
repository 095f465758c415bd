import type { BackupPolicy } from '../../migrations/run/backup-before.ts';
import type { Settings } from '../../settings/settings.ts';

/** Whether a copy is made before what rebuilds or loses something, and how many stay. */
export function backupPolicy({ database: { backup, backupsKept } }: Settings): BackupPolicy | false {
  return backup ? { keep: backupsKept } : false;
}
