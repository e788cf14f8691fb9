/* Who takes what comes back for a message. */

/** @template T */
export class Owners {
  /** @type {Map<string, T>} */
  #owners = new Map();   // in the order in which messages were sent, which is that of the answers

  /** @param {string} id @param {T} owner */
  set(id, owner) {
    this.#owners.set(id, owner);
  }

  /** @param {string} id */
  get(id) {
    return this.#owners.get(id);
  }

  get size() {
    return this.#owners.size;
  }

  /**
   * A message is answered: nothing more comes for those before it. For itself something may, when
   * Python goes on on its own; so it stays until the next one is answered.
   * @param {string} id
   */
  answered(id) {
    if (!this.#owners.has(id)) return;
    for (const earlier of this.#owners.keys()) {
      if (earlier === id) return;
      this.#owners.delete(earlier);
    }
  }
}
