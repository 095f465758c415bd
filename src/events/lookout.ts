/** Looks again and again, one look at a time: while a database doesn't answer, none piles up behind another. */
export class Lookout {
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<void> | undefined;

  /** @param complain is given what a look fails with; the next one comes all the same */
  constructor(everyMs: number, look: () => Promise<void>, complain: (error: unknown) => void) {
    this.timer = setInterval(() => {
      this.looking ??= look()
        .catch(complain)
        .finally(() => {
          this.looking = undefined;
        });
    }, everyMs);
    this.timer.unref();
  }

  /** Resolves when the look in hand is over. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }
}
