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
