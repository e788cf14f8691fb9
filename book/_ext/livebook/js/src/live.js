/* The entry: a few kilobytes on each page with code. The rest comes when a reader asks for it. */
import { Answering } from "./answering.js";
import { Bar } from "./bar.js";
import { Cell } from "./cells.js";
import { element } from "./dom.js";
import { kept } from "./early.js";
import { explain, Stopped } from "./errors.js";
import { answerFields, download, work } from "./handin.js";
import { Kept, day, matched } from "./kept.js";
import { metered } from "./metered.js";
import { amount, carries, changes, pack, unpack } from "./sent.js";
import { StandIn } from "./standins.js";

const root = new URL(".", import.meta.url);
/* The tag of a cell whose widget moves once when the page opens. */
const OPENS = "tag_moves-once";
const WIDGET = "application/vnd.jupyter.widget-view+json";

/** @typedef {import("./protocol").Settings} Settings */

export class Page {
  /** @type {"idle" | "asking" | "starting" | "live" | "stopped" | "failed"} what Python does here */
  state = "idle";
  /** @type {import("./session.js").Session | null} */
  session = null;
  /** @type {Promise<boolean> | null} */
  #starting = null;
  /** @type {Promise<void> | null} */
  #editors = null;
  /** @type {Promise<any>} */
  #turn = Promise.resolve();
  #again = false;                // after a failure: then no copy of the browser's will do
  #soon = 0;                     // the timer that keeps what was written
  #agreed = false;               // to the download, on a line where each megabyte counts
  #unkept = false;               // the reader was told that it cannot be kept
  #round = 0;                    // grows when Python is stopped: older plans are void then

  /** @param {Settings} settings */
  constructor(settings) {
    this.settings = settings;
    const { standin, answer } = settings;
    /** @type {Cell[]} */
    this.cells = [...document.querySelectorAll("div.cell")]
      .filter((cell) => cell.querySelector(".cell_input pre"))
      .map((cell, index) => new Cell(/** @type {HTMLElement} */ (cell), index + 1, this));
    /** @type {StandIn[]} */
    this.standins = standin ? this.cells.flatMap((cell) =>
      [...(cell.stored?.querySelectorAll(`.${standin.figure}`) ?? [])].map(
        (figure) => new StandIn(/** @type {HTMLElement} */ (figure), cell, standin, (touched) => this.#touched(touched)),
      ),
    ) : [];
    const parts = this.#answers(standin);
    const acted = navigator.userActivation?.hasBeenActive ?? false;
    for (const each of this.standins) {
      each.prepared = this.#prepare(each, parts);
      if (each.takeEarly(acted)) this.#touched(each);
    }
    this.#open();
    this.#begin();
    const article = document.querySelector("article");
    this.answers = answer && article ? answerFields(article, answer) : [];
    this.bar = new Bar(this);
    this.sent = carries(location.hash);   // another reader's work stands here
    this.hash = location.hash;
    // What is written on a page that came by a link takes nothing from the reader's own of this page.
    this.kept = new Kept(location.pathname + (this.sent ? location.hash : ""), () => localStorage);
    if (this.sent) this.#unfold();
    else this.#bringBack();
    for (const [index, field] of this.answers.entries()) {
      field.addEventListener("input", () => {
        this.kept.written(index);
        this.#keep();
      });
    }
    this.taken = work(this);
    // Back from a place on this page is no other link.
    addEventListener("hashchange", () => { if (carries(location.hash) && location.hash !== this.hash) location.reload(); });
    // Phones end a page without a word after it was hidden.
    addEventListener("pagehide", () => this.#keepNow());
    document.addEventListener("visibilitychange", () => this.#keepNow());
    // Nobody loses an evening's work by closing a tab.
    addEventListener("beforeunload", (event) => {
      if (work(this) !== this.taken) event.preventDefault();
    });
  }

  /**
   * @param {import("./protocol").StandInClasses | undefined} standin
   * @returns {Promise<import("./protocol").Answers | null>} what the scripts of some widgets export
   */
  async #answers(standin) {
    if (!standin?.answers || !this.standins.length) return null;
    return import(new URL(`../${standin.answers}`, root).href).catch(() => null);
  }

  /**
   * Some widgets have a script that answers for Python; of the others the price is said beforehand.
   * @param {StandIn} standin
   * @param {Promise<import("./protocol").Answers | null>} given
   */
  async #prepare(standin, given) {
    const { figure, classes } = standin;
    const parts = await given;
    const script = await parts?.answers[String(figure.dataset.widget)]?.(figure).catch(() => null);
    const answering = parts && script && new Answering(figure, classes, script.default, parts);
    if (answering?.agrees) {
      figure.append(answering.message);
      standin.answering = answering;
    } else figure.append(element("p", { class: "live-price" }, `A touch starts Python in your browser, to answer${this.bar.size()}.`));
  }

  /* Where Python costs nothing it starts when its reader comes near what needs it. */
  #begin() {
    const near = this.cells.map((cell) => cell.root);
    const come = async () => {
      for (const part of near) part.removeEventListener("pointerover", come);
      const imports = this.cells.flatMap((_, index) => this.settings.cells[index].imports);
      const store = "caches" in self ? caches : undefined;
      if (this.#saves() || !(await kept(root, imports, store).catch(() => false))) return;
      if (this.state === "idle") await this.start(this.cells, "quietly");
    };
    for (const part of near) part.addEventListener("pointerover", come);
  }

  #saves() {
    return metered(/** @type {any} */ (navigator).connection, (query) => matchMedia(query));
  }

  /* The first picture of a page that asks for it moves once, if its reader sees it. */
  async #open() {
    const opens = this.standins.find(({ cell }) => cell.root.classList.contains(OPENS));
    await opens?.prepared;
    if (!opens?.answering) return;
    new IntersectionObserver(([{ isIntersecting }], observer) => {
      observer.disconnect();
      if (isIntersecting && this.state === "idle") opens.answering?.open();
    }, { threshold: 0.5 }).observe(opens.answering.picture);
  }

  /* What was written here before, in its place again. */
  #bringBack() {
    const before = this.kept.read();
    if (before) this.bar.kept(day(before.when), this.#place(before).left);
  }

  /* What a link brought, and over it what was written here since. */
  async #unfold() {
    try {
      const brought = await unpack(location.hash);
      const { found, left } = this.#place(brought);
      for (const number of found.keys()) this.cells[number - 1].unfold();
      this.bar.brought(amount(brought), [...found.keys()], left);
    } catch (error) {
      this.sent = false;
      this.kept = new Kept(location.pathname, () => localStorage);
      this.bar.say(explain(error, "The changes in this link could not be shown"));
    }
    this.#bringBack();
    this.taken = work(this);
  }

  /**
   * Returns the code by its cells, and what has no place here any more.
   * @param {import("./sent.js").Changes} given
   */
  #place({ cells, answers }) {
    const { found, left } = matched(cells, this.cells);
    for (const [number, code] of found) this.cells[number - 1].write(code);
    for (const [index, field] of this.answers.entries()) field.value = answers[index] || field.value;
    return { found, left: [...left, ...answers.slice(this.answers.length).filter((words) => words.trim())] };
  }

  putBack() {
    if (!this.sent) {
      for (const cell of this.cells) cell.write(cell.book);
      for (const field of this.answers) field.value = "";
    }
    clearTimeout(this.#soon);
    this.kept.forget();
    this.taken = work(this);
    if (!this.sent) return;
    history.replaceState(null, "", this.hash);
    location.reload();
  }

  /** @param {Cell} cell */
  written(cell) {
    this.kept.changed(cell.number);
    this.#keep();
  }

  #keep() {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.#keepNow(), 300);
  }

  #keepNow() {
    clearTimeout(this.#soon);
    if (this.kept.write(this.cells, this.answers.map((field) => field.value)) || this.#unkept) return;
    this.#unkept = true;
    this.bar.say("This browser keeps nothing of this page: take your changes with “Download with your changes” before you leave it.");
  }

  async download() {
    try {
      const taken = work(this);
      await download(this);
      this.taken = taken;
    } catch (error) {
      this.bar.say(explain(error));
    }
  }

  /* The address of this page as its reader changed it, to give to somebody. */
  async share() {
    try {
      const own = changes(this.cells, this.answers.map((field) => field.value));
      if (!amount(own)) {
        this.bar.say("Nothing is changed on this page: its address is the link.");
        return;
      }
      const link = location.href.split("#")[0] + await pack(own);
      // Not every page may write to the clipboard: one in a frame may not, nor one without https.
      const copied = "clipboard" in navigator && await navigator.clipboard.writeText(link).then(() => true, () => false);
      this.bar.link(link, amount(own), copied);
    } catch (error) {
      this.bar.say(explain(error, "The link could not be made"));
    }
  }

  /**
   * Take a state and show it.
   * @param {Page["state"]} state
   */
  #become(state) {
    this.state = state;
    document.documentElement.toggleAttribute("data-live", state === "live");
  }

  /** @param {Cell} cell */
  above(cell) {
    return this.cells.slice(0, cell.number - 1);
  }

  /**
   * Resolves to whether Python runs. It starts with what the given cells import.
   * @param {Cell[]} cells
   * @param {"quietly"} [quietly] nobody has asked for it yet: the bar stays what it was
   */
  start(cells, quietly) {
    if (!this.#starting) this.#become("starting");
    if (!quietly && this.state !== "live" && !this.bar.tells) this.bar.starting();
    this.#starting ??= this.#start(cells);
    return this.#starting;
  }

  /** @param {Cell[]} cells */
  async #start(cells) {
    const round = this.#round;
    try {
      const { Session } = await import("./session.js");
      const session = new Session({
        root,
        page: {
          again: this.#again,
          saves: this.#saves(),
          folder: this.settings.folder,
          imports: cells.flatMap((cell) => this.settings.cells[cell.number - 1].imports),
          code: this.cells.map((cell) => cell.code).join("\n"),
        },
        progress: (news) => this.bar.progress(news),
      });
      this.session = session;
      await session.start();
      if (round !== this.#round) return false;
      this.#become("live");
      this.bar.live();
      if (this.cells.every((cell) => cell.state === "idle")) this.#edit();
      for (const each of this.standins) if (each.answering?.changed && !each.dragging) this.#touched(each);
      return true;
    } catch (error) {
      if (round !== this.#round) return false;
      if (this.bar.tells) this.#failed(error);
      else {  // nobody has asked: the next start does without the browser's copies
        this.#again = true;
        this.stop();
      }
      return false;
    }
  }

  /* Editors come after the first output, one by one where there is time. */
  #edit() {
    this.#editors ??= this.#makeEditors().catch((error) => {
      this.#editors = null;
      this.bar.say("The editor could not be had: cells can be run as they are.");
      console.error(error);
    });
  }

  async #makeEditors() {
    const { makeEditor } = await import("./editor.js");
    for (const cell of this.cells) {
      // In a frame of another site a browser may find no idle moment for as long as it stands.
      await new Promise((next) => "requestIdleCallback" in self ? requestIdleCallback(() => next(null), { timeout: 500 }) : setTimeout(next));
      cell.edit(makeEditor, () => this.runOne(cell));
    }
  }

  /**
   * @param {unknown} error
   * @param {string} [what] went wrong
   */
  #failed(error, what) {
    this.#become("failed");
    this.#again = true;
    this.session?.stop();
    this.session = null;
    this.#starting = null;
    this.bar.failed(explain(error, what));
    for (const standin of this.standins) standin.waiting(false);
  }

  /* What stands above and has not run in this Python comes first. */
  /** @param {Cell} cell */
  runOne(cell) {
    return this.run([cell], this.above(cell));
  }

  /**
   * Runs cells in order, up to the first error; before them those of `first` that have not run,
   * save one that had to be stopped: it may have no end.
   * Resolves to whether all of them ran.
   * @param {Cell[]} cells
   * @param {Cell[]} first
   */
  run(cells, first = []) {
    const round = this.#round;
    const plan = [...first.filter((cell) => !cell.ran && !cell.stopped), ...cells];
    for (const cell of plan) cell.wait();
    const turn = this.#turn.then(() => this.#run(plan, cells, round));
    this.#turn = turn.catch((error) => console.error(error));
    return turn;
  }

  /**
   * @param {Cell[]} plan
   * @param {Cell[]} cells
   * @param {number} round
   */
  async #run(plan, cells, round) {
    let good = true;
    /** @type {Cell | null} */
    let broken = null;
    for (const cell of plan) {
      if (cell.ran && !cells.includes(cell)) continue;   // an earlier turn came to it
      good &&= round === this.#round && (await this.start(plan));
      if (good) {
        good = await this.#execute(cell);
        this.#edit();
        if (cell.error) broken = cell;
      } else cell.idle(broken ? `Not run: cell ${broken.number} ended with an error.` : "");
    }
    return good;
  }

  /** @param {Cell} cell */
  async #execute(cell) {
    try {
      const status = (await this.session?.execute(cell)) ?? "error";
      cell.finish(status, this.#advice(cell, status));
      return status === "ok";
    } catch (error) {
      if (!(error instanceof Stopped)) {
        cell.finish("error");
        for (const each of this.cells) each.retire();
        this.#failed(error, `Python ended while cell ${cell.number} ran`);
      }
      return false;
    }
  }

  /**
   * @param {Cell} cell
   * @param {string} status
   */
  #advice(cell, status) {
    const missing = status === "error" && cell.error?.ename === "NameError";
    const broken = missing && this.above(cell).find((other) => other.error || other.stopped);
    if (!broken) return "";
    return `Cell ${broken.number} ${broken.error ? "ended with an error" : "was stopped"}.`;
  }

  /**
   * The names that fit, from the Python that runs; none while it is busy, or not there.
   * @param {string} before
   * @param {string} after
   */
  async complete(before, after) {
    return this.#free?.complete(before, after).catch(() => null) ?? null;
  }

  /**
   * What a name stands for, likewise.
   * @param {string} name
   */
  async describe(name) {
    const said = await this.#free?.describe(name).catch(() => null);
    return said?.signature ? said : null;
  }

  get #free() {
    return this.state === "live" && this.cells.every((cell) => cell.state === "idle") ? this.session : null;
  }

  stop() {
    const wasLive = this.state === "live";
    this.#round += 1;
    this.session?.stop();
    this.session = null;
    this.#starting = null;
    this.#become(wasLive ? "stopped" : "idle");
    for (const cell of this.cells) {
      const running = cell.state === "running";
      if (running) cell.finish("stopped");
      else cell.idle();
      cell.retire();
      cell.stopped ||= running;
    }
    for (const standin of this.standins) standin.waiting(false);
    if (wasLive) this.bar.stopped();
    else this.bar.offer();
  }

  restart() {
    this.stop();
    return this.start(this.cells);
  }

  /**
   * A touch is no order for megabytes where they cost something, or where nothing was said of them.
   * @param {StandIn} standin
   */
  #asks(standin) {
    if (this.state !== "idle" || this.#agreed) return false;
    return Boolean(standin.answering) || this.#saves();
  }

  /**
   * What the book's code of a widget builds on; of code that was changed nothing is known.
   * @param {Cell} cell
   */
  #needed(cell) {
    const above = this.above(cell);
    const { needs } = this.settings.cells[cell.number - 1];
    const changed = [...above, cell].some((each) => each.code !== each.book);
    return changed || !needs ? above : needs.map((position) => this.cells[position]);
  }

  /** @param {StandIn} standin */
  async #touched(standin) {
    await standin.prepared;
    standin.catchUp();
    if (standin.cell.starting || (standin.answered && this.state !== "live")) return;
    const needed = this.#needed(standin.cell);
    if (this.sent && [...needed, standin.cell].some((cell) => cell.mine !== null && !cell.ran)) {
      this.bar.say("A link changed code that this picture needs: read it, then run its cell.");
      return;
    }
    if (this.state === "asking" || this.#asks(standin)) {
      this.#become("asking");
      this.bar.ask((yes) => {
        this.#become("idle");
        this.#agreed = yes;
        if (yes) this.#touched(standin);
        else this.bar.offer();
      });
      return;
    }
    standin.cell.starting = standin.cell.holding = true;
    const here = this.standins.filter(({ cell }) => cell === standin.cell);
    for (const each of here) each.waiting(true);
    const good = await this.run([standin.cell], needed);
    standin.cell.starting = false;
    for (const each of here) each.waiting(false);
    const show = () => {
      standin.cell.holding = false;
      if (standin.cell.ran) standin.cell.reveal();
    };
    try {
      if (good) await this.#handOver(standin.cell, here, show);
    } finally {
      show();
    }
  }

  /**
   * @param {Cell} cell
   * @param {StandIn[]} standins
   * @param {() => void} show
   */
  async #handOver(cell, standins, show) {
    const { outputs } = cell;
    if (!outputs || !this.session) return;
    const ids = [];
    for (let index = 0; index < outputs.model.length; index++) {
      const view = /** @type {any} */ (outputs.model.get(index).data[WIDGET]);
      if (view) ids.push(view.model_id);
    }
    for (const [index, standin] of standins.entries()) {
      if (ids[index]) await standin.handOver(await this.session.manager.get_model(ids[index]), cell.live, show);
    }
  }
}

const settings = document.getElementById("live-page");
// Within reach of the browser's console, and of the tests.
if (settings) Object.assign(window, { livePage: new Page(JSON.parse(String(settings.textContent))) });
