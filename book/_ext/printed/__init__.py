"""The built site of a book, as one document to print and one to read on a device.

python -m printed [pdf] [epub]     both, if none is named, from the site in _build/html

`pages` takes the text out of the site, `answers` puts what would give an answer away at the end,
`pdf` and `epub` write the two documents. A widget is its picture and its sentence there, a link
leads within the document wherever its target is in it.
"""
