"""Python as the pages run it: Pyodide's files, our wheels and one list of them all."""
