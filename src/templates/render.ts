import { Budget } from './budget.ts';
import { Evaluator } from './evaluate.ts';
import { RenderFault, typeError, Unrendered, unrendered } from './faults.ts';
import { Namespace } from './globals.ts';
import { Loop } from './loop.ts';
import { macroOf } from './macros.ts';
import { itemsOf, iterated } from './python/iterating.ts';
import { shown } from './python/showing.ts';
import { isTrue, typeName, type Value } from './python/values.ts';
import { TemplateError } from './read/tokens.ts';
import type { Expression, Statement } from './read/tree.ts';
import { Scope } from './scope.ts';
import { validateTemplate } from './validate.ts';

/** What keeps a template from being rendered, in Prefect's words where it has any. */
export class InvalidTemplate extends Error {}

/**
 * Renders templates, which together may not cost more than one budget.
 * @throws InvalidTemplate
 */
export function templateRenderer(): (template: string) => string {
  const budget = new Budget();
  return (template) => {
    try {
      const { body } = validateTemplate(template);
      // So Prefect knows a template; other texts stay as they are, a comment and a last line end as well.
      if (!/\{\{|\{%/.test(template)) return template;
      return new Renderer(new Evaluator(budget)).render(body, new Scope());
    } catch (error) {
      throw invalid(error);
    }
  };
}

function invalid(error: unknown): unknown {
  if (error instanceof TemplateError || error instanceof Unrendered)
    return new InvalidTemplate(error.message);
  const fault =
    error instanceof RangeError
      ? new RenderFault('RecursionError', 'maximum recursion depth exceeded')
      : error;
  if (!(fault instanceof RenderFault)) return error;
  return new InvalidTemplate(`Failed to render template due to the following error: ${fault.message}`);
}

/** Does what the statements of a template say. */
class Renderer {
  private readonly evaluator: Evaluator;

  constructor(evaluator: Evaluator) {
    this.evaluator = evaluator;
  }

  render(body: Statement[], scope: Scope): string {
    const parts = body.map((statement) => this.part(statement, scope));
    return this.evaluator.budget.text(parts.join(''));
  }

  private part(node: Statement, scope: Scope): string {
    const { evaluator } = this;
    evaluator.budget.take();
    switch (node.kind) {
      case 'text':
        return node.text;
      case 'print':
        return shown(evaluator.value(node.value, scope));
      case 'for':
        return this.loop(node, scope, evaluator.value(node.over, scope), 0);
      case 'if': {
        const branch = node.branches.find(({ test }) => isTrue(evaluator.value(test, scope)));
        return this.render(branch?.body ?? node.otherwise, scope);
      }
      case 'set':
        this.assign(node.target, evaluator.value(node.value, scope), scope);
        return '';
      case 'set block':
        this.assign(node.target, this.filtered(node.filter, node.body, scope), scope);
        return '';
      case 'filter block':
        return shown(this.filtered(node.filter, node.body, scope));
      case 'with':
        return this.with(node, scope);
      case 'macro':
        scope.set(node.macro.name!, macroOf(node.macro, scope, evaluator, this.render.bind(this)));
        return '';
      case 'call block':
        return this.callBlock(node, scope);
      case 'load':
        throw typeError('no loader for this environment specified');
      case 'unread':
        throw unrendered(`the tag '${node.tag}'`);
    }
  }

  private loop(node: Statement & { kind: 'for' }, scope: Scope, over: Value, depth: number): string {
    const inner = (value: Value) => {
      const one = new Scope(scope);
      this.assign(node.target, value, one);
      return one;
    };
    const items = this.evaluator.budget.items(iterated(over));
    const { test } = node;
    const kept = test ? items.filter((item) => isTrue(this.evaluator.value(test, inner(item)))) : items;
    if (kept.length === 0) return this.render(node.otherwise, new Scope(scope));
    const again = new Loop(kept, depth, ({ plain: [value = null] }) => {
      if (node.isRecursive) return this.loop(node, scope, value, depth + 1);
      throw typeError("The loop must have the 'recursive' marker to be called recursively.");
    });
    const parts = kept.map(() => {
      const one = inner(again.next());
      one.set('loop', again);
      return this.render(node.body, one);
    });
    return parts.join('');
  }

  private with({ pairs, body }: Statement & { kind: 'with' }, scope: Scope): string {
    const inner = new Scope(scope);
    for (const [target, value] of pairs) this.assign(target, this.evaluator.value(value, scope), inner);
    return this.render(body, inner);
  }

  private callBlock({ macro, call }: Statement & { kind: 'call block' }, scope: Scope): string {
    if (call.kind !== 'call') throw unrendered('such a call');
    const { evaluator } = this;
    const target = evaluator.value(call.of, scope);
    const args = evaluator.args(call.args, scope);
    args.named.set('caller', macroOf(macro, scope, evaluator, this.render.bind(this)));
    return shown(evaluator.call(target, args));
  }

  /** What stands in a block, through the filters of its tag. */
  private filtered(filter: Expression, body: Statement[], scope: Scope): Value {
    const text = this.render(body, new Scope(scope));
    const through = (node: Expression): Value => {
      if (node.kind !== 'filter') return text;
      return this.evaluator.filter(node.name, through(node.of), this.evaluator.args(node.args, scope));
    };
    return through(filter);
  }

  private assign(target: Expression, value: Value, scope: Scope): void {
    if (target.kind === 'name') scope.set(target.name, value);
    else if (target.kind === 'nsref') this.assignMember(target.name, target.member, value, scope);
    else if (target.kind === 'tuple') {
      const values = itemsOf(value);
      if (!values) throw typeError(`cannot unpack non-iterable ${typeName(value)} object`);
      const { parts } = target;
      if (values.length > parts.length)
        throw new RenderFault('ValueError', `too many values to unpack (expected ${parts.length})`);
      if (values.length < parts.length) {
        throw new RenderFault(
          'ValueError',
          `not enough values to unpack (expected ${parts.length}, got ${values.length})`,
        );
      }
      parts.forEach((part, i) => {
        this.assign(part, values[i]!, scope);
      });
    }
  }

  private assignMember(name: string, member: string, value: Value, scope: Scope): void {
    const space = scope.find(name);
    if (space instanceof Namespace) space.set(member, value);
    else throw new RenderFault('TemplateRuntimeError', 'cannot assign attribute on non-namespace object');
  }
}
