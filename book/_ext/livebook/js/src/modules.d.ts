/* What the bundler makes of files that are no scripts, and what others' scripts bring. */
declare module "*.py" {
  const text: string;
  export default text;
}
declare module "anywidget";
declare function loadPyodide(options: object): Promise<any>;
interface Window {
  MathJax?: any;
}

/** A sum over the files that have none in their names: the build puts it in. */
declare const VERSION: string;
