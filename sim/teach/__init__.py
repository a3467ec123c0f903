"""Lessons' questions: numbers of your own, and checks that answer with a hint. No extra, no network.

    own = sim.teach.start("lesson03", student="s1234567")   # your numbers, and the questions about them
    sim.teach.check("lesson03.q2", 118)                     # a hint, never the answer

`lessons()` lists the lessons. The right answers are computed from your own numbers when you ask, by running the market.
"""

from __future__ import annotations

from sim.teach.desk import check, lessons, start
from sim.teach.question import Lesson, Own, Question, Verdict

__all__ = ["Lesson", "Own", "Question", "Verdict", "check", "lessons", "start"]
