import type { Budget } from './budget.ts';
import { RenderFault, typeError, unrendered } from './faults.ts';
import type { FilterContext } from './filters/filter.ts';
import { FILTERS, OTHER_FILTERS } from './filters/filters.ts';
import { GLOBALS } from './globals.ts';
import { reckon, signed } from './python/arithmetic.ts';
import { holds } from './python/comparing.ts';
import { iterated } from './python/iterating.ts';
import { itemOf, memberOf, slice } from './python/members.ts';
import { shown } from './python/showing.ts';
import {
  type CallArguments,
  Callable,
  Dict,
  isTrue,
  List,
  Tuple,
  typeName,
  Undefined,
  type Value,
  weightOf,
} from './python/values.ts';
import type { Arguments, Expression } from './read/tree.ts';
import type { Scope } from './scope.ts';
import { COMPARING, OTHER_TESTS, TESTS } from './tests.ts';

/** To go through this much of a value counts as a step. */
const STEP_WEIGHT = 10;

/** Finds out what expressions are worth. */
export class Evaluator implements FilterContext {
  readonly budget: Budget;

  constructor(budget: Budget) {
    this.budget = budget;
  }

  value(node: Expression, scope: Scope): Value {
    const value = this.worth(node, scope);
    this.budget.take(1 + weightOf(value) / STEP_WEIGHT);
    return value;
  }

  private worth(node: Expression, scope: Scope): Value {
    switch (node.kind) {
      case 'const':
        return typeof node.value === 'string' ? this.budget.text(node.value) : node.value;
      case 'name':
        return this.named(node.name, scope);
      case 'tuple':
        return new Tuple(this.all(node.parts, scope));
      case 'list':
        return new List(this.all(node.parts, scope));
      case 'dict':
        return new Dict(
          node.members.map(([key, value]) => [this.value(key, scope), this.value(value, scope)]),
        );
      case 'getattr':
        return memberOf(this.value(node.of, scope), node.name, this.budget);
      case 'getitem':
        return this.item(node, scope);
      case 'call':
        return this.call(this.value(node.of, scope), this.args(node.args, scope));
      case 'filter':
        this.ensureFilter(node.name);
        return this.filter(node.name, this.value(node.of, scope), this.args(node.args, scope));
      case 'test':
        this.ensureTest(node.name);
        return this.test(node.name, this.value(node.of, scope), this.args(node.args, scope));
      case 'compare':
        return this.compared(node, scope);
      case 'condexpr':
        return this.chosen(node, scope);
      case 'not':
        return !isTrue(this.value(node.of, scope));
      case 'neg':
      case 'pos':
        return signed(node.kind, this.value(node.of, scope));
      case 'nothing':
      case 'nsref':
        throw unrendered('such an expression');
      default:
        return this.binary(node, scope);
    }
  }

  private named(name: string, scope: Scope): Value {
    const found = scope.find(name);
    if (found !== undefined) return found;
    if (Object.hasOwn(GLOBALS, name)) return GLOBALS[name]!;
    if (name === 'self') throw unrendered("the name 'self'");
    return new Undefined(`'${name}' is undefined`);
  }

  private all(parts: Expression[], scope: Scope): Value[] {
    return parts.map((part) => this.value(part, scope));
  }

  private item({ of, key }: Expression & { kind: 'getitem' }, scope: Scope): Value {
    const base = this.value(of, scope);
    if (key.kind !== 'slice') return itemOf(base, this.value(key, scope), this.budget);
    const bounds = key.bounds.map((bound) => bound && this.value(bound, scope));
    const part = slice(base, bounds);
    this.budget.take(10);
    return part;
  }

  private chosen({ test, yes, no }: Expression & { kind: 'condexpr' }, scope: Scope): Value {
    if (isTrue(this.value(test, scope))) return this.value(yes, scope);
    if (no) return this.value(no, scope);
    return new Undefined(
      'the inline if-expression on line 1 evaluated to false and no else section was defined.',
    );
  }

  private binary(node: Extract<Expression, { left: Expression }>, scope: Scope): Value {
    const left = this.value(node.left, scope);
    if (node.kind === 'and') return isTrue(left) ? this.value(node.right, scope) : left;
    if (node.kind === 'or') return isTrue(left) ? left : this.value(node.right, scope);
    const right = this.value(node.right, scope);
    if (node.kind !== 'concat') return reckon(node.kind, left, right, this.budget);
    return this.budget.text(shown(left) + shown(right));
  }

  private compared({ of, steps }: Expression & { kind: 'compare' }, scope: Scope): Value {
    let left = this.value(of, scope);
    for (const [operator, operand] of steps) {
      const right = this.value(operand, scope);
      if (!holds(left, operator, right)) return false;
      left = right;
    }
    return true;
  }

  args({ plain, named }: Arguments, scope: Scope): CallArguments {
    const values = plain.flatMap(({ value, isSpread }) => {
      const given = this.value(value, scope);
      return isSpread ? this.budget.items(iterated(given)) : [given];
    });
    const byName = new Map<string, Value>();
    for (const { name, value } of named) {
      const given = this.value(value, scope);
      if (name !== null) byName.set(name, given);
      else if (given instanceof Dict)
        for (const [key, member] of given.entries) byName.set(shown(key), member);
      else throw typeError(`argument after ** must be a mapping, not ${typeName(given)}`);
    }
    return { plain: values, named: byName };
  }

  call(target: Value, args: CallArguments): Value {
    if (target instanceof Undefined) throw target.fault;
    if (!(target instanceof Callable)) throw typeError(`'${typeName(target)}' object is not callable`);
    const made = this.budget.within(() => target.call(args));
    if (made !== undefined) return made;
    throw new RenderFault('RecursionError', 'maximum recursion depth exceeded');
  }

  private ensureFilter(name: string): void {
    if (Object.hasOwn(FILTERS, name)) return;
    if (OTHER_FILTERS.test(name)) throw unrendered(`the filter '${name}'`);
    throw new RenderFault('TemplateAssertionError', `No filter named '${name}'.`);
  }

  filter(name: string, value: Value, args: CallArguments): Value {
    this.ensureFilter(name);
    const made = FILTERS[name]!(value, args, this);
    this.budget.take(1 + (weightOf(value) + weightOf(made)) / STEP_WEIGHT);
    return made;
  }

  private ensureTest(name: string): void {
    if (Object.hasOwn(TESTS, name) || Object.hasOwn(COMPARING, name)) return;
    if (OTHER_TESTS.has(name)) throw unrendered(`the test '${name}'`);
    throw new RenderFault('TemplateAssertionError', `No test named '${name}'.`);
  }

  test(name: string, value: Value, { plain, named }: CallArguments): boolean {
    this.ensureTest(name);
    this.budget.take(1 + weightOf(value) / STEP_WEIGHT);
    const comparing = Object.hasOwn(COMPARING, name) ? COMPARING[name]! : undefined;
    const wanted = comparing ? 1 : 0;
    if (plain.length !== wanted || named.size > 0) {
      throw typeError(`test '${name}' takes ${wanted} argument(s), ${plain.length + named.size} given`);
    }
    return comparing ? comparing(value, plain[0]!) : TESTS[name]!(value);
  }
}
