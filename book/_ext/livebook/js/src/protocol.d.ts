/* What page and worker say to each other: every message, in this one place.

   The page asks; the worker answers each question with one of `ready`, `done`, `completed`, `described`
   and `failed`, in the order in which it was asked. All else that it says belongs to the question it is
   working on, whose id is `parent`; what Python does on its own later belongs to the last one. */

export type Buffers = ArrayBuffer[];
export type Values = Record<string, any>;

/** What the page asks. */
export type Question = Start | Execute | Complete | Describe | CommQuestion;

export interface Start {
  type: "start";
  id: string;
  /** Where Pyodide's own files are. */
  base: string;
  /** The address of the lock file. */
  lock: string;
  packs: Pack[];
  /** Packages that lie beside the lock file; the others lie at `elsewhere`, on another host. */
  local: string[];
  elsewhere: string;
  cache: RequestCache;
  /** Whether nothing is to be fetched that was not asked for. */
  saves: boolean;
  /** Packages that are loaded in any case, and those behind imports, by the table. */
  core: string[];
  imports: string[];
  table: Record<string, string[]>;
  /** By the names of files: `sha256-…`, and sizes in bytes. */
  integrity: Record<string, string>;
  files: Record<string, number>;
  /** The page's folder in the project, and files that its cells read, by paths in the project. */
  folder: string;
  data: { path: string; url: string }[];
}

export interface Execute {
  type: "execute";
  id: string;
  code: string;
}

/** Which names fit between two parts of code. */
export interface Complete {
  type: "complete";
  id: string;
  before: string;
  after: string;
}

/** What is called by a name. */
export interface Describe {
  type: "describe";
  id: string;
  name: string;
}

export type CommType = "comm_open" | "comm_msg" | "comm_close";

/** A comm message of a widget in the page, as Jupyter's protocol has it. */
export interface CommQuestion {
  type: CommType;
  id: string;
  content: { content: Comm; metadata: Values };
  buffers: ArrayBufferView[];
}

export interface Comm {
  comm_id: string;
  target_name?: string;
  data: Values;
}

/** What the worker says. */
export type Answer = Ready | Done | Completed | DescribedAnswer | Failed | Progress | Phase | Fetched | Stage | Output | Clear | CommAnswer;

/** Python runs. */
export interface Ready {
  type: "ready";
  parent: string;
}

export interface Done {
  type: "done";
  parent: string;
  status: "ok" | "error";
}

/** The names, and the end of what stands before that they take the place of. */
export interface Completed {
  type: "completed";
  parent: string;
  replaces: string;
  names: string[];
}

/** How it is called, and the first paragraph of what is written of it; empty where there is neither. */
export interface Described {
  signature: string;
  doc: string;
}

export interface DescribedAnswer extends Described {
  type: "described";
  parent: string;
}

export interface Failed {
  type: "failed";
  parent: string;
  reason: string;
  /** Whether `reason` is a sentence for the reader. */
  known: boolean;
}

/** Bytes of the downloads. */
export interface Progress {
  type: "progress";
  parent: string;
  done: number;
  total: number;
}

/** What the start is at. */
export interface Phase {
  type: "phase";
  parent: string;
  words: string;
}

/** What the worker has had from the network. */
export interface Fetched {
  type: "fetched";
  parent: string;
  urls: string[];
}

/** What a run is at. */
export interface Stage {
  type: "stage";
  parent: string;
  words: string;
}

/** An output of Jupyter's notebook format, or an update of one. */
export interface Output {
  type: "output";
  parent: string;
  content: OutputContent;
  metadata?: Values;
  buffers?: Buffers;
}

export interface OutputContent {
  output_type: "stream" | "display_data" | "update_display_data" | "execute_result" | "error";
  transient?: { display_id?: string };
  [key: string]: any;
}

export interface Clear {
  type: "clear";
  parent: string;
  content: { wait: boolean };
}

export interface CommAnswer {
  type: CommType;
  parent: string;
  content: Comm;
  metadata: Values;
  buffers: Buffers;
}

/** What the build tells a page of itself: `<script id="live-page">`. */
export interface Settings {
  /** Of each cell: what its code imports; of one with a widget, the cells that it builds on. */
  cells: { imports: string[]; needs?: number[] }[];
  folder: string;
  notebook: string;
  lite: string | null;
  /** What Python and all that the page imports weigh; left out where nobody knows. */
  megabytes?: number;
  standin?: StandInClasses;
  answer?: string;
  environment?: string;
}

/** Classes: of what stands in for a widget, of the widget, of the drawing in both, and how the class
    of each control begins. */
export interface StandInClasses {
  figure: string;
  widget: string;
  picture: string;
  control: string;
  /** A script, by its address among the static files, that answers for some widgets. */
  answers?: string;
}

/** What answers for a widget without Python. A state has the value of each trait. */
export interface AnsweringWidget {
  answer(state: Values): { svg: string; words: string; limits?: Record<string, number> };
  /** What a gesture on the drawing changes, and a button. */
  drag(state: Values, grip: string, x: number, y: number): Values;
  actions?: Record<string, (state: Values) => Values>;
  /** What the change of a trait brings along, and what any change does. */
  follows?: Record<string, Values>;
  within?(state: Values): Values;
  /** Traits that are whole numbers. */
  whole?: string[];
  /** What changes on the way, at a share of it, while a page opens. */
  opening?(state: Values, share: number): Values;
}

/** What the script of all such widgets exports. */
export interface Answers {
  answers: Record<string, (figure: HTMLElement) => Promise<{ default: AnsweringWidget }>>;
  /** The message is for the reader. */
  Refused: new (message?: string) => Error;
  /** Python alone can answer. */
  Elsewhere: new () => Error;
  number(value: number, digits?: number): string;
}

/** What the build tells of its Python: manifest.json. */
export interface Manifest {
  /** In place of all else: a sentence that says why this book has no Python. */
  missing?: string;
  pyodide: { version: string; base: string; elsewhere: string; integrity: Record<string, string> };
  lock: string;
  packs: Pack[];
  local: string[];
  core: string[];
  imports: Record<string, string[]>;
  data: Record<string, string>;
  files: Record<string, number>;
}

/** `rest.json`: what a start does without, by full names of modules. */
export interface Told {
  file: string;
  modules: string[];
}

/** Files that come as one, in this order: sizes in bytes, and sums `sha256-…`. */
export interface Pack {
  file: string;
  parts: { name: string; size: number; sum: string }[];
}

/** Of pyodide-lock.json, what the worker reads. */
export interface Lock {
  packages: Record<string, { name: string; file_name: string; depends: string[] }>;
}
