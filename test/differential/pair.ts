/**
 * What corresponds to what between two servers in one play: an id, a moment or a generated name of one side always
 * stands for the same one of the other side. What the sequence itself sent must come back as it is.
 */
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const MOMENT = '\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)?';
const TOKEN = new RegExp(`${UUID}|${MOMENT}`, 'g');
const GENERATED_NAME = /^[a-z]+-[a-z]+$/;
/** Of protection against forged requests. */
const SECRET = /^[0-9a-f]{64}$/;
/** Two such moments of one row may or may not be the same microsecond. */
const COINCIDENTAL = /(^|\.)(created|updated|received|recorded|last_polled)$/;

export class Pair {
  private constants = new Set<string>();
  private forth = new Map<string, string>();
  private back = new Map<string, string>();
  /** How far two moments may lie apart: what the slower answer took, and a bit. */
  slackMs = 1000;

  /** A copy for a trial: what it learns is forgotten unless `adopt` takes it over. */
  trial(): Pair {
    const copy = new Pair();
    copy.constants = this.constants;
    copy.forth = new Map(this.forth);
    copy.back = new Map(this.back);
    copy.slackMs = this.slackMs;
    return copy;
  }

  adopt(trial: Pair): void {
    this.forth = trial.forth;
    this.back = trial.back;
  }

  /** Notes every text that the sequence sends by its own, before answers are filled in. */
  sent(value: unknown): void {
    if (typeof value === 'string') {
      this.constants.add(value);
      for (const [token] of value.matchAll(TOKEN)) this.constants.add(canonical(token));
    } else if (value !== null && typeof value === 'object') {
      for (const [key, member] of Object.entries(value)) {
        this.constants.add(key);
        this.sent(member);
      }
    }
  }

  /** Undefined when both texts say the same, else what is wrong. */
  texts(oracle: string, ours: string, at: string): string | undefined {
    if (isGeneratedName(at) && this.generated(oracle) && this.generated(ours))
      return this.match(oracle, ours);
    const [left, right] = [oracle.split(TOKEN), ours.split(TOKEN)];
    if (left.length !== right.length || left.some((part, i) => part !== right[i])) return 'differs';
    const [leftTokens, rightTokens] = [oracle.match(TOKEN) ?? [], ours.match(TOKEN) ?? []];
    for (const [i, token] of leftTokens.entries()) {
      const wrong = this.token(token, rightTokens[i]!, at);
      if (wrong) return wrong;
    }
    return undefined;
  }

  private token(oracleToken: string, ourToken: string, at: string): string | undefined {
    const [oracle, ours] = [canonical(oracleToken), canonical(ourToken)];
    const fixed = this.constants.has(oracle) || this.constants.has(ours);
    if (fixed) return oracle === ours ? undefined : 'is not what was sent';
    const isMoment = oracle.includes(':');
    if (isMoment !== ours.includes(':')) return 'differs in kind';
    if (!isMoment) return this.match(oracle, ours);
    if (Math.abs(instant(oracle) - instant(ours)) > this.slackMs) return 'lies too far apart';
    return COINCIDENTAL.test(at) ? undefined : this.match(oracle, ours);
  }

  private generated(name: string): boolean {
    return (GENERATED_NAME.test(name) || SECRET.test(name)) && !this.constants.has(name);
  }

  private match(oracle: string, ours: string): string | undefined {
    const known = this.forth.get(oracle);
    const knownBack = this.back.get(ours);
    if (known === undefined && knownBack === undefined) {
      this.forth.set(oracle, ours);
      this.back.set(ours, oracle);
      return undefined;
    }
    return known === ours && knownBack === oracle
      ? undefined
      : 'stands for something else in an earlier answer';
  }
}

const isGeneratedName = (at: string): boolean => /(^|[.])(name|prefect\.resource\.name|token)$/.test(at);

/**
 * A uuid as it is; a moment as one of UTC with six digits. Prefect leaves a fraction of zero out, and the answer to
 * a request repeats the offset that was sent, which the next read doesn't: one moment all the same.
 */
function canonical(token: string): string {
  if (!token.includes(':')) return token;
  const [, day, time, fraction = '', offset = 'Z'] = /^(.{10})[T ](.{8})(\.\d+)?(.*)$/.exec(token)!;
  const whole = new Date(`${day}T${time}${offset || 'Z'}`);
  if (Number.isNaN(whole.getTime())) return token;
  return `${whole.toISOString().slice(0, 19)}${fraction.padEnd(7, '0').replace(/^0/, '.').slice(0, 7)}Z`;
}

const instant = (moment: string): number => Date.parse(moment);
