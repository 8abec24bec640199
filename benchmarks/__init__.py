"""Code that measures Wellcited against its goals; see README.md in this folder."""
