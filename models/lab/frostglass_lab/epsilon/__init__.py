"""The tables and pictures of docs/what-the-epsilon-means.md, from what the program itself says."""
