import { Command } from 'commander';
import { prefectOutputOption } from '../output.ts';

export function configCommand(): Command {
  const set = new Command('set')
    .description('set values in the active profile')
    .argument('<NAME=value...>', 'settings by the names that they have in the environment')
    .action(async (assignments: string[], options) => {
      const { setInProfile } = await import('./change.ts');
      setInProfile(assignments, options);
    });
  const unset = new Command('unset')
    .description('take values out of the active profile')
    .argument('<NAME...>', 'settings by the names that they have in the environment')
    .option('-y, --yes', 'do not ask')
    .action(async (names: string[], options) => {
      const { unsetInProfile } = await import('./change.ts');
      await unsetInProfile(names, options);
    });
  const view = new Command('view')
    .description('show what is set')
    .option('--show-defaults', 'show what is not set, too')
    .option('--hide-defaults', 'the default')
    .option('--show-sources', 'say where each value comes from (the default)')
    .option('--hide-sources', 'leave that out')
    .option('--show-secrets', 'show passwords')
    .option('--hide-secrets', 'the default')
    .action(async (options) => {
      const { viewConfig } = await import('./view.ts');
      viewConfig(options);
    });
  return new Command('config')
    .description("look at the settings and change them in Prefect's profiles")
    .helpCommand(false)
    .addCommand(prefectOutputOption(set))
    .addCommand(prefectOutputOption(unset))
    .addCommand(prefectOutputOption(view));
}
