"""The English texts of the class game that students and instructors read, in one place, so that it can be translated."""

from __future__ import annotations

NOT_A_TABLE = "is a table of decisions, one a line (got {got})"
OUT_OF_RANGE = "must be {law} (got {got})"
UNKNOWN = "unknown (got {got})"
DID_YOU_MEAN = '; did you mean "{near}"?'
KNOWN = "; there are {known}"
NOT_A_NUMBER = "must be a number (got {got})"
NOT_A_SHARE = "must be a share of 0 to 1, such as 0.8 (got {got})"
RULES_ARE_TABLES = "are written as [[rules]], each with if and then"
TOO_MANY_RULES = "are at most {most} (got {got}); join some with or"
RULE_HAS_IF_AND_THEN = 'has two lines: if = "status == lapsed" and then = { offer = 0.1 }'
RULE_DECIDES_NOTHING = "must name a decision: {known}"

NO_TEAM = 'there is no team "{got}"'
NO_STUDENT = 'there is no student "{got}" in this class; class edit FOLDER --add "{got}=TEAM" brings one in'
SEVERAL_STUDENTS = 'several students are called "{got}"; write the id instead: {ids}'
OVER = "all {rounds} rounds are played; class undo takes the last one back"
PAUSED = "the game is paused; class edit FOLDER --resume lets it go on"
OTHER_ROUND = "is for round {got}, and round {open} is open"
IS_IN_TEAM = "{name} is in team {team} already"
TEAM_TWICE = 'two teams cannot both be called "{name}"; take another name'
BAD_NAME = 'the name of a {what} is one line of 1 to {most} letters (got "{got}")'
OTHER_MODEL = (
    "this game was made by model version {made}, and this is {here}: its numbers would be others. To play on, install "
    "what made it: python3 -m pip install tenfold=={version}"
)
NOTHING_TO_UNDO = "no round is played yet: there is nothing to take back"
IS_PAUSED = "the game is paused already"
IS_NOT_PAUSED = "the game is not paused"

TEAM = "team {team}"
STUDENT = "student {name}"
LEFT = "(left as it was)"
FILE_TOO_LARGE = "is larger than {most} kB: this is no decision file"
NOT_TOML = "cannot be read as TOML: {error}; texts stand in quotation marks, numbers have a point"
TEAM_MISSING = 'a line team = "NAME" is missing'
NOTHING_IN_IT = "nothing is decided in it: it needs [plan], [[rules]] or [[students]]"
STUDENTS_ARE_TABLES = "are written as [[students]], each with name, number, low, high, reason"
NUMBER_AND_RANGE = "number, low and high belong together, with low <= number <= high"
REASON_TOO_LONG = "is a text of at most {most} letters (got {got})"
NAME_MISSING = "a line name = or id = is missing"
NEW_WITHOUT_TEAM = 'is new here: a line team = "NAME" at the top of the file says whose'
IN_ANOTHER_TEAM = "is in team {team}; class edit --move moves students"
OVER_BUDGET = "would spend {spends} a month, and the budget is {budget}; the plan is left as it was"
PAST_DEADLINE = (
    "the deadline was {deadline}: add --on-time if the files were handed in before it, --late if after (they count, "
    "and cost {fee})"
)
"""What a decision file can have wrong."""

FORM_HEAD = """\
# {title}: round {round} of {rounds} ({months})
# Change what stands behind = and hand this file in. A line that you take out stays as it was.
{deadline}
team = {team}
round = {round}

[plan]
"""
FORM_BUDGET = "# Advertising, training, levels, bonds, surveys and messages together: at most {budget} {currency} a month."
FORM_LAST = """\
# The last round brought {gained} customers and lost {lost}: {customers} now; profit {profit} {currency},
# customer equity {equity} {currency}; {base} people allow you to write.
"""
FORM_MORE = "\n# More decisions: take away the # in front to change one.\n"
FORM_RULES = """
# Rules: if ... then ..., checked top to bottom; the later one wins. tenfold explain plan lists what may stand there.
# [[rules]]
# if = "status == lapsed and spent > 60"
# then = { offer = 0.15 }
"""
FORM_FORECAST = """
# What do you expect at the end of this round? Take away the # and write your numbers.
[forecast]
# retention = 0.8              # share of customers who stay, a year
# profit = 0                   # {currency}, of this round
# customer_equity = 0          # {currency}, at its end
"""
FORM_STUDENTS = """
# Each student: your own forecast of the team's profit, a range that it falls in 8 times of 10, and why.
"""
FORM_STUDENT = """\
# [[students]]
# name = {name}
# number = 0
# low = 0
# high = 0
# reason = ""
"""

PLAYED_MEANWHILE = (
    "round {round} was played or taken back by somebody else meanwhile; nothing was played twice"
)
CHANGED_MEANWHILE = "somebody else changed the game meanwhile; look at class status"

REPORT_TITLE = "Team {team}: round {round} of {rounds}"
REPORT_ABOUT = "{title}. Months {first} to {last}; {customers} customers in the market, {firms} firms. Amounts in {currency}."
IN_SHORT = (
    "You ended the round with {customers} customers, {share} of all who have a supplier: {gained} gained, {lost} lost. "
    "Profit of the round: {profit} {currency}; customer equity: {equity} {currency}."
)
HOW = {
    "handed": "Your decision was handed in{at}.",
    "late": "Your decision was handed in late{at}, and counted.",
    "repeated": "Nothing was handed in: the last round's decision was repeated.",
    "default": "Nothing was handed in: the default plan ran.",
}
BOOKED = {
    "late": "Penalty for a late decision: {amount} {currency}.",
    "repeated": "Penalty for no decision: {amount} {currency}.",
    "default": "Penalty for no decision: {amount} {currency}.",
}
BONUS = "Bonus: {amount} {currency}{why}."
PENALTY = "Penalty: {amount} {currency}{why}."
REASONS_UNKNOWN = (
    "{lost} customers left, and you asked none of them why. A decision exit_survey above 0 asks leavers; "
    "seven in ten say the true reason."
)
REASONS_KNOWN = "{lost} customers left; {asked} of them were asked, and said:"
NOBODY_LEFT = "No customer left."
NO_SURVEY = "You did not ask customers whether they would recommend you (decision survey above 0)."
PROMOTER = "In the last month's survey the net promoter score was {score} (-100 to 100); {answers} answered in the round."
NO_ANSWERS = "A survey went out, and nobody answered in the last month."
REFERRALS = (
    "{n} first purchases came by a customer's good word. What customers say behind your back, you cannot see."
)
NO_FORECAST = "The team handed in no forecast."
NO_RULES = "No rules."
NO_PLAN = "The default plan, unchanged."
PICTURE_ALT = "Customers and profit by month: customers went from {first} to {last}; profit of the last month {profit} {currency}."
COLUMNS = {
    "customers": "Customers at the end",
    "gained": "Gained",
    "lost": "Lost",
    "share": "Share of customers",
    "retention": "Retention, a year",
    "revenue": "Revenue",
    "profit": "Profit",
    "customer_equity": "Customer equity",
}
PERMISSION = {
    "permission_base": "People who said yes to mail, at the end",
    "reachable": "People whom the strategy mails, at the end",
    "asked": "Asked for permission",
    "said_yes": "Said yes",
    "opted_out": "Opted out",
    "messages": "Messages sent",
    "uninvited": "of them uninvited",
    "read": "Readers of at least one in a month",
    "reports": "Spam reports",
    "mail_complaints": "Complaints about mail",
    "deliverability": "Share of mail that reaches the inbox",
}
ETHICS = {
    "consent": "Messages that were not uninvited",
    "unreported": "Room below the rate of spam reports at which mail is held back",
    "honest": "Promises kept to the market's norm",
    "answered": "Complaints that were resolved",
    "kept": "Customers who were not fired",
    "points": "Permission and ethics, points of 100",
}
SERVICE = {
    "orders": "Orders",
    "visits": "Service visits",
    "voiced": "Complaints voiced",
    "resolved": "Complaints resolved",
    "referrals": "First purchases by referral",
    "staff": "Agents at the end",
    "utilization": "Load over capacity",
    "skill": "Skill of the staff, 0 to 1",
    "morale": "Morale of the staff, 0 to 1",
}
FORECAST_NAMES = {"retention": "Retention, a year", "profit": "Profit", "customer_equity": "Customer equity"}
"""What a team's report says."""
NOBODY_HANDED_IN = "nobody has handed in anything for round {round}; --anyway plays it all the same"
