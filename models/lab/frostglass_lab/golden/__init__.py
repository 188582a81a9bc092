"""The golden vectors: what the reference answers, for every language to be held to.

One module a subject. Each has NAME, the file's name without `.json`, and `document()`, its content,
always the same. `tests/golden/README.md` describes the files.
"""
