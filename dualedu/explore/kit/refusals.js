/* What a picture answers instead of a number. */

/** A value that is not taken; the message is shown to the reader. */
export class Refused extends Error {}

/** Python alone can answer. */
export class Elsewhere extends Error {}
