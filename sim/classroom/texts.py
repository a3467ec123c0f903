"""The English texts of the class game that students and instructors read, in one place, so that it can be translated."""

from __future__ import annotations

NOT_A_TABLE = "is a table of decisions, one a line (got {got})"
OUT_OF_RANGE = "must be {law} (got {got})"
IN_THIS_CLASS = "{law} in this class"
NO_LIMIT = "--limit {got}: this is no number of the form"
LIMIT_BEYOND = "--limit {name}={low}:{high}: must be within what the market takes, {law}, the least first"
LIMIT_WITHOUT_DEFAULT = "--limit {name}={low}:{high}: the default plan has {now}, which must lie between them"
UNKNOWN = "unknown (got {got})"
DID_YOU_MEAN = '; did you mean "{near}"?'
KNOWN = "; there are {known}"
NOT_A_NUMBER = "must be a number (got {got})"
SEPARATED = "must be a number, without separators of thousands: {plain} (got {got})"
NOT_A_SHARE = "must be a share of 0 to 1, such as 0.8 (got {got})"
RULES_ARE_TABLES = "are written as [[rules]], each with if and then"
TOO_MANY_RULES = "are at most {most} (got {got}); join some with or"
RULE_HAS_IF_AND_THEN = 'has two lines: if = "status == lapsed" and then = { offer = 0.1 }'
RULE_DECIDES_NOTHING = "must name a decision: {known}"

NO_TEAM = 'there is no team "{got}"'
FORMER_NAME = 'team "{old}" is called {new} now, and this counts for it'
REPLACES = "it replaces what came from {source} for {team}"
OTHERS_FORM = "it is named like the form of {named}, and decides for {team}"
NO_STUDENT = 'there is no student "{got}" in this class; class edit FOLDER --add "{got}=TEAM" brings one in'
SEVERAL_STUDENTS = 'several students are called "{got}"; write the id instead: {ids}'
OVER = "all {rounds} rounds are played; class undo takes the last one back"
PAUSED = "the game is paused; class edit FOLDER --resume lets it go on"
OTHER_ROUND = "is for round {got}, and round {open} is open"
IS_IN_TEAM = "{name} is in team {team} already"
TEAM_TWICE = 'two teams cannot both be called "{name}"; take another name'
BAD_NAME = 'the name of a {what} is one line of 1 to {most} letters (got "{got}")'
OTHER_MODEL = "this game was made by model version {made}, and this is {here}: its numbers would be others. To play on, {cure}"
OTHER_FORMAT = "this game has format {made}, and this version of Tenfold reads format {here}; {cure}"
INSTALL = "install the version that made it: python3 -m pip install tenfold=={version}"
TAKE_SOURCE = (
    "take the source of Tenfold from when sim/model_version.py said {model}; pip cannot: its version was {version}, as "
    "this one's"
)
TEAM_HAS_STUDENTS = "team {team} has students ({names}): move them first"
TEAM_STAYS = "team {team} cannot be taken out: it is the last one, or out already"
NOTHING_TO_UNDO = "no round is played yet: there is nothing to take back"
IS_PAUSED = "the game is paused already"
IS_NOT_PAUSED = "the game is not paused"

TEAM = "team {team}"
STUDENT = "{whose}, student {name}"
LEFT = "(left as it was)"
FILE_TOO_LARGE = "is larger than {most} kB: this is no decision file"
NOT_UNPACKED = "cannot be unpacked ({error}): pack the ZIP anew, without a password"
BAD_ZIP = "{file}: this is no ZIP file, or it is damaged: download it again"
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
FORM_BUDGET = "# Advertising, training, levels, bonds, surveys and messages together: at most {budget} {currency} a month"
FORM_BUDGET_TRIAL = (
    "; from round 2\n# on trial discounts too, on as many first purchases as in the last round"
)
CUT = (
    "Repeated, the plan of round {number} would be beyond the budget of {budget} {currency} a month: its trial discount goes "
    "down from {had:g} to {left:g}, unless another plan is handed in."
)
WAS_CUT = "It would have been beyond the budget of {budget} {currency} a month: its trial discount went down from {had:g} to {left:g}."
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
FORECAST_COUNTS = (
    "All three count, from round 2 on: 100 points for the figure itself, 50 where you are as near as last round's figure is to "
    "half of the teams, 0 from twice that far on and for one that is left out."
)
FORM_FORECAST = """
# What do you expect at the end of this round? Take away the # and write your numbers.{counts}
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
CLOSED = "round {round} is being played and takes nothing more; hand this in again for the next round"
FORGOTTEN_MEANWHILE = "all names were forgotten meanwhile, so no file was written with them; class report {folder} writes the reports anew"
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
    "{lost} customers left, and you asked none of them why. The decision 'Ask leavers why' (exit_survey) above 0 does; "
    "seven in ten say the true reason."
)
REASONS_KNOWN = "{lost} customers left; {asked} of them were asked, and said:"
NOBODY_LEFT = "No customer left."
NO_SURVEY = "You did not ask customers whether they would recommend you. The decision 'Survey of customers' (survey) above 0 does."
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

# ---------------------------------------------------------------- what the server says in the terminal

ONLY_THIS_COMPUTER = "Only this computer can join. For a room: add --room."
WINDOWS_ASKS = (
    "Windows will ask whether Python may be reached. Allow it on this kind of network, or nobody can join."
)
NO_NETWORK = "This computer is on no network that others could be on: join one, or open a hotspot, and open the game again."
EXPOSES = (
    "Everybody on this network can reach the join page; the code lets them in. What goes over a plain room network can be "
    "read by others on it: no passwords, no full names where that matters. Nothing of this computer but the game is served."
)
INSTRUCTOR_ADDRESS = (
    "The instructor address is new each time; the last one is void. Keep it off the projector: the page for the projector "
    "is a link on it. Ctrl-C ends the server; nothing is lost, and class open goes on."
)
TEST_HOW = "Put {address} on the projector, and scan the square code with a few devices. Ctrl-C ends it."
GOOD_TO_GO = "Good to go."
NOBODY_CAME = "Nobody has reached this computer. What to try, in this order:"
SOURCE_PAGE = "page ({name})"
SOURCE_CONSOLE = "console (instructor)"
SOURCE_PYTHON = "Python"
ALONE_TEAM, ALONE_NAME = "You", "You"
SOLO_STANDS = "{title}: {done} of {rounds} rounds played, total {total} {currency}"
STILL_THERE = (
    "names may still stand in files that another program holds open: {files}; close it, and forget again. In the game "
    "itself they are erased"
)

# ---------------------------------------------------------------- pages

LANGUAGE = "en"
SITE = "Tenfold class"
SKIP = "Skip to the content"
PAGES = "Pages"
PAGE_CHANGED = "Something has changed. Your input is kept in this browser."
LOOK_AGAIN = "Show it"
CONNECTION_LOST = (
    "No connection to the instructor's computer. This page tries again by itself; what you type is kept."
)
NOT_SENT = "Not sent: no connection. Your input is kept in this browser; press again later, or save the form as a file."
DRAFT_RESTORED = "What you typed before, and did not hand in, is back."
NOT_DONE = "That did not work"
BACK = "Back"
GO_ON = "Go on"
YES_NO = {"true": "yes", "false": "no"}

OTHER_HOST = "This address is not this computer's: use the one that the instructor shows."
OTHER_SITE = "Refused: this form was sent from another site."
NO_LENGTH = "Refused: a form without its length."
TOO_LARGE = "Refused: this is too large for a form."
NO_SUCH_PAGE = "There is no such page."
NO_SUCH_TEAM = "There is no team of number {team}."
NO_SUCH_BUTTON = "There is no such button."
NO_SUCH_FILE = 'There is no file "{name}".'
NOT_PLAYED = "This round is not played yet."
NOT_YOURS = "This is not yours to do."
NOT_INSTRUCTOR = (
    "This page is the instructor's. The newest address stands in the window in which the game was opened."
)
PLAYS_ALONE = "One player plays here alone, by the address in the window in which the game was opened."
UNPREPARED = (
    "What plays a market could not be prepared on this computer ({error}). It is tried again when a round is played or a page "
    "needs it; tenfold doctor says what is missing. Whoever is here stays in, and nothing is lost."
)
UNPREPARED_HERE = "The market could not be prepared on the instructor's computer. Try again in a minute; the console says why."
IS_PLAYING = "round {round} is being played or opened again just now"

CODE_LABEL = "Join code"
WRONG_CODE = "This is not the code. It stands on the projector: two words and a number."
WAIT_FOR_CODE = (
    "Many wrong codes came just now. Try again in {seconds} s, or scan the square code: that always works."
)
NAME_LABEL = "Your name"
TEAM_LABEL = "Team"
JOIN = "Join"
JOINED_BEFORE = "I joined before, on another device"
NAME_TAKEN = (
    '"{name}" is here already. If it is you, choose "I joined before"; else add a letter to your name.'
)
NAMESAKES = 'Several students of the class list are called "{name}". Write your id, login, e-mail address or whole name as the list has it.'
WAIT_TO_JOIN = "Very many have just joined from here. Try again in {seconds} s."
MANY_JOINED = "{most} students joined in this browser already. Use another device or a private window."
NOT_ON_ROSTER = '"{name}" is not on the class list. Write your name, number, login or e-mail address as the list has it, or ask your instructor.'
CHOOSE_TEAM = "Choose a team of the list."
CHOOSE_STUDENT = "Choose a student of the list."
COME_AGAIN = "Come in again"
NUMBER_LABEL = "Your four-digit number"
WRONG_NUMBER = "Name and number do not fit together."
WAIT_FOR_NUMBER = "Too many wrong numbers for this name. Ask your instructor for a fresh number, or try again in {minutes} min."
WAIT_FOR_NUMBERS = (
    "Many wrong numbers came just now. Try again in {seconds} s, or ask your instructor for a fresh number."
)
NUMBER_FORGOTTEN = "Forgotten? Your instructor can see it."
YOUR_NUMBER = "Your number:"
NUMBER_IS_FOR = (
    "Note it. With your name and this number you come in again on another device, or when addresses change."
)
LEAVE_DEVICE = "Leave this device to somebody else"

STUDENT_PAGES = {
    "/play": "Now", "/decide": "Decide", "/forecast": "My forecast", "/results": "Results", "/customers": "Customers",
    "/board": "Leaderboard",
}  # fmt: skip
NOT_ALONE = ("/forecast", "/board")
FROM_INSTRUCTOR = "From your instructor:"
ALL_PLAYED = "All {rounds} rounds are played."
SEE_RESULTS = "See the results"
SEE_RESULTS_OF = "Results of round {round}"
BEING_PLAYED = "Round {round} is being played."
GAME_PAUSED = "The game is paused."
ROUND_OPEN = "Round {round} of {rounds} is open: {months} months."
DEADLINE = "Hand in before {time}."
TEAM_HANDED = "Your team has handed in: {time}, {source}. You can change it until the round is played."
TEAM_NOT_HANDED = "Your team has not handed in yet."
TO_DECIDE = "Decide"
TO_CHANGE = "Change the decision"
IN_TEAM = "In your team: {names}."
NOBODY_IN_TEAM = "Nobody is in your team yet."
PLAY_ROUND = "Play round {round}"
NOW_PLAY = "Now play the round."

DECIDE_TITLE = "Round {round} of {rounds}: decide"
HANDED_IN = "Handed in, and kept. You can change it until the round is played."
HANDED_SO_FAR = "Handed in for this round"
COUNTS = "this one counts"
IS_LATE = "late"
LATE_COSTS = (
    "The deadline was {time}. What you hand in now counts as late, and costs {fee} {currency} of the score."
)
HANDED_MEANWHILE = "Not handed in yet: since you opened this form, another one was handed in ({who}). Look at what it decided:"
MOVED_SINCE = (
    "This form is another team's: since you opened it you were moved to team {team}. Nothing is handed in."
)
TAKEN_OVER = "{label}: {theirs} there, {mine} when you opened the form. The form below has {theirs} now."
BOTH_CHANGED = "{label}: {theirs} there, {mine} here. The form below has {mine}: handing it in changes it."
LEAVE_AS_IT_IS = "Leave it as it was handed in, and drop this form"
FORM_FAULTS = "Nothing is handed in yet. Please mend this:"
BUDGET_IS = "Budget: at most {budget} {currency} a month for advertising, training, levels, bonds, surveys, messages and lists{trial}."
BUDGET_TRIAL = ", and from round 2 on for trial discounts on as many first purchases as in the last round"
WOULD_SPEND = "This plan would spend about {spends} {currency} a month. It is not handed in yet."
MORE_DECISIONS = "More decisions"
TEAM_FORECAST = "Your team's forecast of this round"
FORECAST_LAWS = {
    "retention": "Share of customers who stay, a year: 0 to 1",
    "profit": "{currency}, of this round",
    "customer_equity": "{currency}, at the end of this round",
}
RULES = "Rules"
RULES_ARE = (
    "If a condition holds for a customer, another decision holds for that customer. The later rule wins. Example: if "
    "status == lapsed and spent > 60, then offer = 0.15. The page Customers lists the words."
)
RULE_IF = "Rule {n}: if"
RULE_THEN = "Rule {n}: then"
HAND_IN = "Hand in"
CHECK_COST = "What would it cost?"
SAVE_FILE = "Save as a file"
DECISIONS = {
    "price": "Price", "advertising": "Advertising, a month", "level": "Care for customers", "strategy": "Whom you mail",
    "messages": "Messages, a month", "recovery": "Answer to complaints", "exit_survey": "Ask leavers why",
    "survey": "Survey of customers", "reply_days": "Days until a complaint is answered", "trial_discount": "Discount on a first purchase",
    "referral_reward": "Reward for a referral", "self_service": "Self-service", "offer": "Win-back offer", "fire": "End relationships",
}  # fmt: skip
MEANINGS = {
    "price": "Your list price, relative to the market's: {law}.",
    "advertising": "Money a month.",
    "level": "How you care for your customers, from none to a partnership.",
    "strategy": "Whom you may write to.",
    "messages": "To each who gets any: {law}.",
    "recovery": "What somebody gets who complains.",
}
"""The six decisions of the short form."""
FIRST_ROUND = {
    "price": "1 is the market's usual price. All firms begin with it.",
    "advertising": "The usual amount. It makes you known to those who are not your customers.",
    "level": "Reactive: you answer who calls. Higher levels call first, and cost more.",
    "strategy": "Opt out: you write until somebody says no. Opt in: to those alone who said yes.",
    "messages": "More is read less, and brings opt-outs.",
    "recovery": "A resolved complaint is told to fewer people than an unhappy visit.",
}
CONSEQUENCES = {
    "price": "Last round at {price}: {gained} customers gained, {lost} lost. {rivals}",
    "advertising": "Last round {paid_advertising} {currency} in all; {won} first purchases.",
    "level": "Last round {level}: cost {paid_levels} {currency} and labour of {paid_level_labour}; {retention} stay, a year.",
    "strategy": "Last round {strategy}: {base} people allow you to write; {uninvited} of {messages} messages were uninvited, "
    "{reports} were reported as spam.",
    "messages": "Last round {messages} sent, {read} read at least one a month, {opted_out} opted out.",
    "recovery": "Last round {voiced} complaints, {resolved} resolved; {recovery} cost {paid_recovery} {currency}.",
    "trial_discount": "Last round it cost {paid_trial_discounts} {currency}; {won} first purchases.",
    "referral_reward": "Last round {referrals} first purchases by a good word; rewards cost {paid_referral_rewards} {currency}.",
    "affiliate_commission": "Last round commissions cost {paid_commissions} {currency}.",
    "staff": "Last round {staff} agents at the end, load {load} of their capacity.",
    "training": "Last round {paid_training} {currency}; skill of the staff {skill} of 1.",
    "ask": "Last round {asked} were asked for permission, {said_yes} said yes.",
    "survey": "Last round {surveyed} were asked, {answered} answered; it cost {paid_surveys} {currency} with exit surveys.",
    "exit_survey": "Last round {asked_leavers} of {lost} leavers were asked.",
    "discount": "Last round discounts came to {paid_discounts} {currency}.",
    "offer": "Last round {offers} offers, {won_back} came back; discounts of {paid_win_back_discounts} {currency}.",
    "social": "Last round bonds cost {paid_bonds} {currency}.",
    "structural": "Last round bonds cost {paid_bonds} {currency}.",
    "personalization": "Last round {paid_personalization} {currency}; {read} readers a month.",
    "fire": "Last round {fired} customers.",
    "self_service": "Last round service labour came to {paid_service_labour} {currency}.",
}
"""What came of each decision in the last round, from the firm's own books."""
RIVALS_ASKED = "Others asked {low} to {high}."

FORECAST_TITLE = "{name}: your own forecast"
FORECAST_ASKS = (
    "What will your team's profit of round {round} be, in {currency}? Give a number, a range that it falls in 8 times of 10, "
    "and why. This is yours alone: teammates do not see it."
)
FORECAST_FIELDS = {"number": "Profit of the round", "low": "At least", "high": "At most"}
REASON_LABEL = "Why (at most 500 letters)"
FORECAST_KEPT = "Handed in, and kept. You can change it until the round is played."
SO_FAR = "Your forecasts so far"
FORECAST_CAPTION = "Your forecasts and what came out, {currency}"
ROUND, YOUR_FORECAST, RANGE, CAME_OUT, POINTS = "Round", "Your forecast", "Range", "Came out", "Points of 100"

NOTHING_PLAYED = "No round is played yet."
OTHER_ROUNDS = "Rounds:"
IN_SHORT_TITLE = "In short"
DATABASE = "Customer database"
SAVE_DATABASE = "Save the whole database for a spreadsheet"
ON_RECORD = "{size} people are on record, {customers} of them customers now."
BY_STATUS, BY_PERMISSION = "By what the records show:", "Permission to write:"
RULES_FIRED = (
    "In how many customer-months each rule fired in the last round, and for how many customers it holds now"
)
IF, THEN, FIRED, HOLDS_FOR = "If", "Then", "Fired", "Holds for"
WORDS_OF_RULES = "Words that a rule may use"
BEST_CUSTOMERS = "The most valuable customers"
BEST_CAPTION = "The {n} highest by value rank; the file has all"
BOARD_CAPTION = "After round {round}; total is profit of all rounds and customer equity, with bonus and penalty, {currency}"
RANK, TOTAL, IS_YOU = "Rank", "Total", "(you)"
NO_BOARD = "Your instructor shows no leaderboard."
TRUTH = "What the firm could not see"
TRUTH_TOLD = "{bad} people were told something bad about the firm, {good} something good; {failures} times something went wrong."
TRUE_REASONS = "Why customers left, truly and as they told"
REASON, TRULY, AS_TOLD = "Reason", "Truly", "As told"
TRUE_MINDS = "At the end: mean satisfaction {satisfaction}, loyalty {loyalty}, trust {trust}; {awareness} of all people knew the firm."

# ---------------------------------------------------------------- the instructor's pages

INSTRUCTOR = "Instructor"
CONSOLE_PAGES = {"/console": "Console", "/console/debrief": "Debrief", "/projector": "Projector page"}
CONSOLE_TITLE = "Console"
ROUND_STANDS = "Round {round} of {rounds} is open: {handed} of {teams} teams have handed in."
TEAMS, TEAMS_CAPTION = "Teams", "Who is here, and who has handed in; a team's name opens its book"
MARKET, STUDENTS, HANDED, NOT_YET = "Market", "Students", "Handed in", "not yet"
ADVANCE = "Play round {round}"
ANYWAY = "Also if nobody has handed in"
NEXT_DEADLINE = "Deadline of the next round (optional)"
THIS_DEADLINE = "Deadline of this round"
SET_DEADLINE = "Set the deadline"
PAUSE, RESUME, PREVIEW = "Pause", "Resume", "Preview the round"
PREVIEW_TITLE = "Round {round}, if it were played now"
PREVIEW_IS = "Nothing of this is kept, and no team sees it."
PREVIEW_CAPTION = "What each team would see; amounts in {currency}"
REOPEN_LABEL = "Open a round again; it and those after it are taken back, decisions for it are kept"
REOPEN = "Open it again"
MESSAGE, MESSAGE_LABEL, SAY = "Message", "To all students (empty: none)", "Show it"
WHAT_TEAMS_SEE = "What others see"
BOARDS = {"off": "nothing", "ranks": "ranks", "scores": "ranks and scores"}
HIDE_NAMES = "Hide students' names on the projector"
REVEAL = "Show each team the truth about its own firm"
APPLY = "Apply"
TEAMS_AND_STUDENTS = "Teams and students"
CHANGE_TEAMS = "Rename, remove, move, book"
NEW_NAME, RENAME, REMOVE = "New name", "Rename", "Remove the team"
AMOUNT = "Bonus, or below 0 a penalty, {currency}"
WHY, BOOK, NOT_AN_AMOUNT = "Why", "Book it", 'an amount is a number, such as 500 or -200 (got "{got}")'
STUDENT_LABEL, TO_TEAM, MOVE = "Student", "To team", "Move"
FRESH_NUMBER = "Fresh number"
WRONG_NUMBERS = (
    "Too many wrong four-digit numbers came for {names}: nobody comes in by that name on another device for up to an hour. "
    'A fresh number ("Rename, remove, move, book" below) lets the student in; devices that are in under that name then need it too.'
)
FRESH_CODE = "Fresh join code"
CODE_IS = "The join code is {code}. A fresh one voids it; who is in stays in."
NUMBERS, NUMBERS_CAPTION, NUMBER = (
    "Students' numbers",
    "For who has forgotten it: not for the projector",
    "Number",
)
NOT_HERE_YET = "not here yet"
NOT_A_TIME = 'a time is written like 2026-12-01T18:00 (got "{got}")'
PAPERS = "Tables and sheets"
SHEETS = "Printable sheets of round {round}:"
BOOK_OF = "The book of {team}"
TYPE_IN = "Type in the decision of round {round}"
DEBRIEF = "Debrief"
DEBRIEF_MORE = "{team}: true lifetime values, and the market had it not decided so"
TWIN = "Had it not decided so"
TWIN_IS = "The same customers and the same luck, all other decisions as they were; {team} on the default plan from the first round."
TWIN_CAPTION = "Customers at the end and profit of all rounds, {currency}"
FIRM, CUSTOMERS_WAS, CUSTOMERS_TWIN = "Firm", "Customers", "Customers in the twin"
PROFIT_WAS, PROFIT_TWIN = "Profit", "Profit in the twin"
TRUE_VALUES = "True lifetime values"
TRUE_VALUES_ARE = "What the firm's customers are worth: by the formulas of the field, and truly, by living the same market forward."
NO_VALUE = "No value by {method}: {why}."
VALUES_CAPTION = "Lifetime value a customer, {currency}"
METHOD, EACH_WORTH, STANDARD_ERROR = "Method", "A customer", "Standard error"
METHODS = {"true": "truly (mean of futures)", "multiple": "margin multiple", "switching": "brand switching", "fitted": "fitted model",
           "database": "the firm's own forecast"}  # fmt: skip

PROJECTOR = "Projector"
SQUARE_ALT = "Square code: scan it to come to {address}."
OTHER_ADDRESSES = "If that does not open: {list}."
NOBODY_YET = "Nobody has reached this computer yet."
ONLY_THIS = "Only this computer can join."
REACHED = "{n} devices have reached this computer."
REACHED_ONE = "1 device has reached this computer."
TRY_TITLE = "What to try, in this order"
TRY = (
    "Are the devices on the same network as this computer? Many rooms have two; guests' networks keep devices apart.",
    "Does this computer's firewall let Python in? Allow it, on this kind of network.",
    "Is the network marked as private, or trusted, on this computer? On Windows: Settings, Network, properties of the network.",
    "Open a hotspot with a telephone or take a router of your own, with one device a team.",
    "Play by files, without a network: class collect takes the forms.",
)
JOINED_ONE = "1 student has joined."
JOINED_SO_FAR = "{n} students have joined."
TEST_TITLE = "Can your device reach this computer?"
ARRIVED = "You have reached the instructor's computer"
ARRIVED_IS = "That is all that this page is for. Tell your instructor that it works."
