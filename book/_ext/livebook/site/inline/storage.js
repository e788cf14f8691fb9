/* In a frame of another site a browser may refuse storage, on which the theme's scripts would end. */
try {
  window.localStorage.getItem("mode");
} catch {
  const items = new Map();
  const storage = {
    getItem: (name) => items.get(String(name)) ?? null,
    setItem: (name, value) => void items.set(String(name), String(value)),
    removeItem: (name) => void items.delete(String(name)),
  };
  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, { value: storage, configurable: true });
  }
}
