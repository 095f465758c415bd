import { Command } from 'commander';
import { prefectOutputOption } from '../output.ts';

export function profileCommand(): Command {
  const load = () => import('./profiles.ts');
  const ls = new Command('ls')
    .description('list the profiles')
    .action(async (options) => (await load()).list(options));
  const use = new Command('use')
    .description('make a profile the active one')
    .argument('<name>')
    .action(async (name: string, options) => (await load()).use(name, options));
  const create = new Command('create')
    .description('make a profile')
    .argument('<name>')
    .option('--from <name>', 'with all that another one has')
    .action(async (name: string, options) => (await load()).create(name, options));
  const remove = new Command('delete')
    .description('remove a profile')
    .argument('<name>')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, options) => (await load()).remove(name, options));
  const rename = new Command('rename')
    .description('give a profile another name')
    .argument('<name>')
    .argument('<new-name>')
    .action(async (name: string, to: string, options) => (await load()).rename(name, to, options));
  const inspect = new Command('inspect')
    .description('show what a profile sets (the active one, unless another is named)')
    .argument('[name]')
    .option('--show-secrets', 'show passwords')
    .action(async (name: string | undefined, options) => (await load()).inspect(name, options));
  const group = new Command('profile')
    .alias('profiles')
    .description("select and manage Prefect's profiles")
    .helpCommand(false);
  for (const command of [ls, use, create, remove, rename, inspect])
    group.addCommand(prefectOutputOption(command));
  return group;
}
