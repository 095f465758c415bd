import { maybe, model, uuid } from '../kinds/index.ts';

export const ServerDefaultResultStorage = model('ServerDefaultResultStorage', {
  default_result_storage_block_id: maybe(uuid()),
});

export const ServerDefaultResultStorageUpdate = model('ServerDefaultResultStorageUpdate', {
  default_result_storage_block_id: uuid(),
});
