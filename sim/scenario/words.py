"""The vocabularies: words wherever a person reads or writes, codes only inside the columns.

The position of a word is its code. The order never changes: columns and golden numbers hold it.
"""

from __future__ import annotations

LEVELS = ("basic", "reactive", "accountable", "proactive", "partnership")
STRATEGIES = ("silent", "opt_out", "interruption", "opt_in", "double_opt_in")
RECOVERIES = ("none", "apology", "refund", "compensation")
TAILORINGS = ("targeting", "personalization", "customization")
NETWORKS = ("watts_strogatz", "scale_free", "random", "none", "file")
PERMISSIONS = ("none", "opted_in", "confirmed", "opted_out")
STATUSES = ("prospect", "active", "lapsed", "lost")
AWARE_BY = ("start", "advertising", "message", "affiliate", "referral", "offer")
WON_BY = ("start", "advertising", "message", "affiliate", "referral", "offer", "itself")
REASONS = (
    "variety",
    "price",
    "service failure",
    "better elsewhere",
    "word of mouth",
    "messages",
    "neglect",
    "a rival's offer",
    "need ended",
    "fired",
)
PENDING_BY = ("nothing", "chance", "rival's message", "price gap", "unhappy", "failure")
