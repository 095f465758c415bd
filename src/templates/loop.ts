import { RenderFault } from './faults.ts';
import { isEqual } from './python/comparing.ts';
import { type CallArguments, Callable, Tuple, Undefined, type Value } from './python/values.ts';

/** `loop` within a for loop. In a recursive one it can be called. */
export class Loop extends Callable {
  override readonly type = 'LoopContext';
  readonly depth: number;
  private readonly items: readonly Value[];
  private at = -1;
  private changedBefore: Value | undefined;

  constructor(items: readonly Value[], depth: number, call: (args: CallArguments) => Value) {
    super(call);
    this.items = items;
    this.depth = depth;
  }

  next(): Value {
    return this.items[++this.at]!;
  }

  override member(name: string): Value | undefined {
    const [at, length] = [BigInt(this.at), BigInt(this.items.length)];
    const none = (which: string) => new Undefined(`there is no ${which} item`);
    switch (name) {
      case 'index':
        return at + 1n;
      case 'index0':
        return at;
      case 'revindex':
        return length - at;
      case 'revindex0':
        return length - at - 1n;
      case 'first':
        return this.at === 0;
      case 'last':
        return this.at === this.items.length - 1;
      case 'length':
        return length;
      case 'depth':
        return BigInt(this.depth) + 1n;
      case 'depth0':
        return BigInt(this.depth);
      case 'previtem':
        return this.at > 0 ? this.items[this.at - 1]! : none('previous');
      case 'nextitem':
        return this.items[this.at + 1] ?? (this.at + 1 < this.items.length ? null : none('next'));
      case 'cycle':
        return new Callable(({ plain }) => this.cycled(plain));
      case 'changed':
        return new Callable(({ plain }) => this.changed(new Tuple(plain)));
      default:
        return undefined;
    }
  }

  private cycled(values: Value[]): Value {
    if (values.length === 0) throw new RenderFault('TypeError', 'no items for cycling given');
    return values[this.at % values.length]!;
  }

  private changed(value: Value): boolean {
    const isSame = this.changedBefore !== undefined && isEqual(this.changedBefore, value);
    this.changedBefore = value;
    return !isSame;
  }
}
