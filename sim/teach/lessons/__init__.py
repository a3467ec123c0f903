"""The twelve lessons' questions, a file each: numbers of one's own, questions, and functions that compute the answers."""

from __future__ import annotations

from sim.teach.lessons import (
    lesson01,
    lesson02,
    lesson03,
    lesson04,
    lesson05,
    lesson06,
    lesson07,
    lesson08,
    lesson09,
    lesson10,
    lesson11,
    lesson12,
)
from sim.teach.question import Lesson

LESSONS: dict[str, Lesson] = {
    module.LESSON.name: module.LESSON
    for module in (
        lesson01, lesson02, lesson03, lesson04, lesson05, lesson06, lesson07, lesson08, lesson09, lesson10, lesson11,
        lesson12,
    )
}  # fmt: skip
"""Lessons by name, in their order."""
