"""A class's notebooks graded: each run in a process and a folder of its own, within limits; the points in one table.

archive.py reads the ZIP, runner.py is what the notebook's process does, limits.py holds it, grader.py grades one notebook,
book.py makes the tables.
"""

from __future__ import annotations
