"""What the model's words mean: reasons, levels, strategies, statuses and the rest of the vocabularies."""

from __future__ import annotations

from typing import NamedTuple

from sim.scenario import words


class Vocabulary(NamedTuple):
    """A list of words: what they are, the words with their meanings, where the idea comes from."""

    name: str
    what: str
    meanings: dict[str, str]
    source: str = "ours"


REASON = {
    "variety": "nothing in particular: no cause weighed enough",
    "price": "the own price, against the other's list price",
    "service failure": "what failures took from the belief in the supplier",
    "better elsewhere": "the other firm is believed to be better, failures and hearsay apart",
    "word of mouth": "what was heard from others about both firms",
    "messages": "the supplier's messages annoyed: wear-out, or no permission",
    "neglect": "the bond was once stronger and has withered",
    "a rival's offer": "a rival's discount, message, brand or promise",
    "need ended": "the customer left the market, or a payment failed",
    "fired": "the firm ended the relationship",
}

LEVEL = {
    "basic": "sell, and no more",
    "reactive": "sell, and ask to be called when there is a problem",
    "accountable": "call after the sale: is everything as expected?",
    "proactive": "call from time to time with better ways of using the product",
    "partnership": "work with the customer all the time",
}

STRATEGY = {
    "silent": "mail nobody",
    "opt_out": "mail own customers and past ones until they opt out",
    "interruption": "mail everybody whose address can be had or bought, also those who opted out",
    "opt_in": "mail those who said yes",
    "double_opt_in": "mail those who said yes and confirmed it",
}

RECOVERY = {
    "none": "a complaint is not answered",
    "apology": "an apology",
    "refund": "the money back",
    "compensation": "more than the money back",
}

TAILORING = {
    "targeting": "one message for all",
    "personalization": "the nearest of some ready messages",
    "customization": "a message made for one person",
}

PERMISSION = {
    "none": "never asked, or did not answer",
    "opted_in": "said yes",
    "confirmed": "said yes and confirmed it",
    "opted_out": "wants no more mail",
}

STATUS = {
    "prospect": "on a list, has never bought",
    "active": "buys as usual",
    "lapsed": "has not bought for some of the usual intervals",
    "lost": "has not bought for long, or ended the contract",
}

NEWS = {
    "start": "from the beginning",
    "advertising": "through advertising",
    "message": "through a message that was read",
    "affiliate": "through an affiliate's page",
    "referral": "through another customer's good word",
    "offer": "through a win-back offer",
    "itself": "by nothing lately: the firm had been known for long",
}

PENDING = {
    "nothing": "no free choice is due",
    "chance": "the customer thinks again for no reason",
    "rival's message": "a rival's message was read",
    "price gap": "rivals were cheaper",
    "unhappy": "an unhappy encounter without failure",
    "failure": "a failure",
}

EVENT = {
    "fired": "the firm ended the relationship",
    "level": "the supplier gives another relationship level from this month on (cause)",
    "discount": "the supplier gives another discount from this month on (share)",
    "heard of": "knows the firm now, through the cause; `referral by 7 (life 2)`: by who has the place of customer 7 now",
    "forgot": "knows the firm no longer",
    "read": "read at least one message of the firm",
    "offered": "read a win-back offer (share off the first bill)",
    "opted out": "said no to messages",
    "complained": "complained to the firm about its messages",
    "left": "left the firm, for the firm in `to` if any; cause is the true reason, times the tenure in months",
    "survey": "the exit survey's answer is the cause",
    "joined": "became a customer of the firm; cause is what won them",
    "bought": "bought so many times, for the amount",
    "visited": "came for service so many times; the amount, unless something was bought too: then it is in `bought`",
    "product": "buys one more product of the firm; times is how many now",
    "tier": "moved up to a higher tier; times is which",
    "said yes": "gave the firm permission to write",
    "failed": "an encounter failed: severity (utility), and as cause what came of it",
    "contradiction": "heard two things from two contact points of the firm; as cause what came of it",
    "spoiled": "was failed by a partner of the firm; as cause what came of it",
    "wait": "had to wait for goods; as cause what came of it",
    "unhappy": "ended the month unhappy with the firm",
    "happy": "ended the month happy with the firm",
    "thought": "began to think of leaving; cause is what set it off",
    "heard": "heard news of the firm so many times; cause is bad or good",
    "told": "told so many people about the firm; cause is bad or good, hearers whose customers they are",
    "gone": "the need ended: somebody new takes the place",
}
"""Events of a diary, in the order in which a month brings them."""

SCORE = {
    "total": "profit of all rounds, plus customer equity at the end, plus bonus, less penalty",
    "a team's customer equity": "customers × what a customer brought in the round before acquisition and overhead, as a yearly amount, × r / (1 + i − r) (Gupta & Lehmann 2003); r is the round's retention as a yearly rate, with five more customers who stay as those of all firms in the market do, so that one who stayed by chance is not worth ten years",
    "forecast points": "mean over retention, profit and customer equity, and over the rounds from the second: 100 for the figure itself, less 50 for each *usual error* by which it was missed, never below 0. The usual error is the median over all teams of what last round's figures miss this round's by. A figure that is not given has 0, also in a round without any; a team that never gives one has none",
    "a student's forecast points": "100 less the interval score of the range (Gneiting & Raftery 2007, for 80 %), in percent of the round's revenue; `ranges that held` should be near 0.8",
    "ethics points": "mean of five shares: messages that were not uninvited, room below the rate of spam reports at which mail is held back, promises within the norm, complaints resolved, customers not fired",
    "luck-adjusted total": "all decisions played again in other worlds, plus bonus, less penalty: the mean, its standard error, and what was luck (total less luck-adjusted total)",
    "rank": "place by the total among the teams of a market, and with `--alone` among all of the class; 1 is the best",
}
"""What a team or a student of a class game is scored by; the table of docs/class.md."""

VOCABULARIES = (
    Vocabulary("reason", "why a customer left", REASON),
    Vocabulary("level", "how much a firm invests in a relationship", LEVEL, "Kotler 2003"),
    Vocabulary("strategy", "whom a firm mails", STRATEGY, "Godin 1999"),
    Vocabulary("recovery", "what a complaint is answered with", RECOVERY, "TARP 1979/1986"),
    Vocabulary("tailoring", "how a message is fitted to the person", TAILORING),
    Vocabulary("permission", "consent to be written to", PERMISSION, "Godin 1999"),
    Vocabulary("status", "a customer as the firm's records show it", STATUS),
    Vocabulary("won_by", "what won a customer", NEWS),
    Vocabulary("pending_by", "why the next purchase is a free choice", PENDING),
    Vocabulary("event", "what a diary records", EVENT),
    Vocabulary("score", "what a class game is scored by", SCORE),
)

LISTS = {
    "reason": words.REASONS, "level": words.LEVELS, "strategy": words.STRATEGIES, "recovery": words.RECOVERIES,
    "tailoring": words.TAILORINGS, "permission": words.PERMISSIONS, "status": words.STATUSES, "won_by": words.WON_BY,
    "pending_by": words.PENDING_BY, "event": tuple(EVENT),
    "score": tuple(SCORE),
}  # fmt: skip
"""The words that each vocabulary must tell the meaning of."""

COUNT = {
    "orders": "purchases", "visits": "service visits", "won": "customers won", "won_back": "customers won back by an offer",
    "lost": "customers lost", "lost_voluntarily": "customers lost by their own choice",
    "ended_contracts": "contracts that ended", "recipients": "people who were mailed", "messages": "messages sent",
    "uninvited": "messages sent without permission", "read": "people who read at least one message",
    "opted_out": "people who opted out", "mail_complaints": "complaints about mail",
    "reports": "reports of mail to the mailbox provider", "offers": "win-back offers made",
    "offers_read": "win-back offers read", "asked": "people asked for permission", "said_yes": "people who gave it",
    "failures": "failures in service, and what mechanisms add", "voiced": "failures that were voiced", "resolved": "complaints resolved",
    "resolved_quickly": "complaints resolved quickly",
    "unhappy": "unhappy encounters, and customers whom a mechanism made unhappy after them",
    "happy": "happy encounters, less happy customers whom a mechanism made unhappy after them",
    "tellers_bad": "people who told bad news", "tellers_good": "people who told good news",
    "told_bad": "tellings of bad news", "told_good": "tellings of good news", "reached_bad": "people who heard bad news",
    "reached_good": "people who heard good news", "referrals": "first purchases that a referral brought",
    "surveyed": "own customers asked in the survey", "answered": "answers to it", "fired": "customers fired",
}  # fmt: skip
"""What each of the ledger's counts is, by firm and month."""
