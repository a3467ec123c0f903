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
NO_STUDENT = 'there is no student "{got}" in this class'
SEVERAL_STUDENTS = 'several students are called "{got}"; write the id instead: {ids}'
OVER = "all {rounds} rounds are played; class undo takes the last one back"
PAUSED = "the game is paused; class resume lets it go on"
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
