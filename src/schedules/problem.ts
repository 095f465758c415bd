/** A schedule that can't be read, or from which no dates can be made. The message says why, for people. */
export class ScheduleProblem extends Error {}
