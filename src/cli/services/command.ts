import { Command } from 'commander';
import { prefectOutputOption } from '../output.ts';

export function servicesCommand(): Command {
  const list = new Command('ls')
    .alias('list')
    .description(
      'list the background services, which settings switch them, and how often each takes its turn',
    )
    .action(async (options) => {
      const { listServices } = await import('./list.ts');
      listServices(options);
    });
  return new Command('services')
    .description('look at the background services of the server')
    .helpCommand(false)
    .addCommand(prefectOutputOption(list));
}
