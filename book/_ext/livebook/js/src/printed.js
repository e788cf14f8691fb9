/* Printed text on its way to the page: in few pieces, and no more than a page can show. */

const EVERY = 40;         // milliseconds between two pieces
const MOST = 200_000;     // characters that one run may print: more would only choke the page
const ENOUGH = "\n… more was printed than a page can show\n";

export class Printed {
  #name = "stdout";
  #text = "";
  #since = 0;
  #total = 0;
  #full = false;

  /**
   * @param {(name: string, text: string) => void} send
   * @param {() => number} now milliseconds
   */
  constructor(send, now = () => performance.now()) {
    this.send = send;
    this.now = now;
  }

  /** A run begins. */
  restart() {
    this.#total = 0;
    this.#full = false;
  }

  /** @param {string} name stdout or stderr @param {string} text */
  add(name, text) {
    if (this.#name !== name) this.flush();
    if (this.#full) return;
    const room = MOST - this.#total;
    this.#total += text.length;
    this.#full = text.length > room;
    this.#name = name;
    this.#text += this.#full ? text.slice(0, room) + ENOUGH : text;
    if (this.now() - this.#since > EVERY) this.flush();
  }

  flush() {
    this.#since = this.now();
    if (!this.#text) return;
    const text = this.#text;
    this.#text = "";
    this.send(this.#name, text);
  }
}
