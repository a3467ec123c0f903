"""A broken scenario of every kind is refused on the right line, with the right suggestion, all faults at once."""

import pytest

from sim.scenario import ScenarioError, check_text

HEAD = "tenfold = 1\n"
TWO = '[firms.Corner]\n[firms."Express & Co"]\n'


def faults_of(text):
    with pytest.raises(ScenarioError) as caught:
        check_text(text, "shop.toml")
    return caught.value.faults


# body (its first line is line 2 of the file), line, column, address, words in the line
BROKEN = [
    # names
    ("[segments.regulars]\n        shar = 1.0", 3, 9, "segments.regulars.shar", 'did you mean "share"?'),
    ("[tlak]\nonline = 0.1", 2, 2, "tlak", 'did you mean "talk"?'),
    ("[talk]\nunhappy_tell = 3", 3, 1, "talk.unhappy_tell", 'did you mean "unhappy_tells"?'),
    ("talk.unhappyTells = 3", 2, 6, "talk.unhappyTells", 'did you mean "unhappy_tells"?'),
    ("mechanisms.supply.signal_clarity = 1", 2, 19, "mechanisms.supply.signal_clarity", "since model version 3; leave it out"),
    ("unhappy_tells = 3", 2, 1, "unhappy_tells", 'did you mean "talk.unhappy_tells"?'),
    ("[firms.Corner]\nprice = 2", 3, 1, "firms.Corner.price", 'did you mean "plan.price"?'),
    ("[firms.Corner.plans]\nprice = 2", 2, 15, "firms.Corner.plans", 'did you mean "plan"?'),
    ("firms.A.plan = { ask = true, prise = 2 }", 2, 30, "firms.A.plan.prise", 'did you mean "price"?'),
    ("[segments.a]\nbasket = { mean = 4, sd = 2 }", 3, 22, "segments.a.basket.sd", "mean, shape, varies"),
    ("[serve.recoveries.refnd]\ncost = 2", 2, 19, "serve.recoveries.refnd", 'did you mean "refund"?'),
    ('[[firms.A.rules]]\nif = "spent > 1"\nthen = { lvl = "basic" }', 4, 10, "firms.A.rules.1.then.lvl", '"level"?'),
    # ranges, units, types
    ("firms.Corner.plan.price = -3", 2, 27, "firms.Corner.plan.price", "must be 0.1 to 10 (got -3); the unit is multiple"),
    ("[market]\nmonths = 0", 3, 10, "market.months", "must be a whole number 1 to 2,400 (got 0)"),
    ("[market]\nmonths = 36.0", 3, 10, "market.months", "did you mean 36?"),
    ('[market]\ncustomers = "500"', 3, 13, "market.customers", "did you mean 500?"),
    ("[market]\nserved_at_start = 40", 3, 19, "market.served_at_start", "did you mean 0.4?"),
    ("[market]\ncustomers = true", 3, 13, "market.customers", "must be a whole number"),
    ("[market]\nserved_at_start = nan", 3, 19, "market.served_at_start", "(got nan)"),
    ("[market]\nserved_at_start = -inf", 3, 19, "market.served_at_start", "(got -inf)"),
    ("[market]\nserved_at_start = 2020-01-01", 3, 19, "market.served_at_start", "date"),
    ("[market]\ncustomers = 99999999999999999999999", 3, 13, "market.customers", "1 to 100,000,000"),
    ('[market]\nsetting = "contrct"', 3, 11, "market.setting", 'did you mean "contract"?'),
    ("[market]\nsetting = 3", 3, 11, "market.setting", "must be one of free, contract (got 3)"),
    ('[market]\ncurrency = ""', 3, 12, "market.currency", "1 to 12 characters"),
    ('firms.A.plan.ask = "yes"', 2, 20, "firms.A.plan.ask", "did you mean true?"),
    ("firms.A.plan.ask = 0", 2, 20, "firms.A.plan.ask", "must be true or false (got 0); did you mean false?"),
    ('firms.A.plan.strategy = "opt-in"', 2, 25, "firms.A.plan.strategy", 'did you mean "opt_in"?'),
    ('firms.A.plan.staff = "automatic"', 2, 22, "firms.A.plan.staff", 'did you mean "auto"?'),
    ("firms.A.plan.staff = -1", 2, 22, "firms.A.plan.staff", "0 to 10,000,000, or auto"),
    ("firms.A.plan.advertising = -1", 2, 28, "firms.A.plan.advertising", "the unit is money a month"),
    ("market = 3", 2, 10, "market", "must be a table (got 3); write [market]"),
    ("[[market]]\nmonths = 3", 2, 3, "market", "must be a table"),
    ("firms = 3", 2, 9, "firms", "write [firms.NAME]"),
    ("firms = {}", 2, 9, "firms", "must be 1 to 30 of them (got 0)"),
    ("segments.a = 3", 2, 14, "segments.a", "must be a table"),
    ('segments.a.basket = "much"', 2, 21, "segments.a.basket", "{ mean = 8.0 }"),
    ("segments.a.need_rate = 0", 2, 24, "segments.a.need_rate.mean", "0.005 to 30 (got 0)"),
    ("segments.a.need_rate = [\n  1, 2]", 2, 24, "segments.a.need_rate", "must be a number"),
    # distributions
    ("segments.a.exit_rate = { mean = 1 }", 2, 33, "segments.a.exit_rate.mean", "above 0 and below 1"),
    ("segments.a.privacy_concern.mean = 0", 2, 35, "segments.a.privacy_concern.mean", "varies = false"),
    ("segments.a.price_sensitivity.mean = 0", 2, 37, "segments.a.price_sensitivity.mean", "above 0"),
    ("segments.a.taste = { mean = 0.2 }", 2, 20, "segments.a.taste.width", "at most 0.4"),
    ("segments.a.attention = { varies = true }", 2, 35, "segments.a.attention.varies", "must be false"),
    # sums
    ("[segments.a]\nshare = 0.5\n[segments.b]\nshare = 0.6", 5, 9, "segments.b.share", "sum to 1 (got 1.1); now a 0.5, b 0.6"),
    ("[firms.a]\ninitial_share = 0.5\n[firms.b]\ninitial_share = 0.4", 5, 17, "firms.b.initial_share", "(got 0.9)"),
    ("[firms.a]\ninitial_share = 0.7\n[firms.b]\ninitial_share = 0.4\n[firms.c]", 5, 17, "firms.b.initial_share", "(got 1.1)"),
    ("market.season = [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]", 2, 17, "market.season", "did you mean [1.847, 0.923,"),
    ("market.season = [-1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]", 2, 18, "market.season.1", "must be 0 or more"),
    ("market.season = [\n 1, 1, 1,\n 1, 1, 1, 1, 1, 1, 1, 1]", 2, 17, "market.season", "12 numbers (got a list of 11)"),
    ('market.season = [\n 1, 1, 1,\n 1, 1, 1, 1, 1, 1, 1, 1, "1"]', 4, 26, "market.season.12", "must be a number"),
    # names of firms and segments
    (TWO + "focus = 3", 4, 1, "firms.Express & Co.focus", "at the top of the file"),
    ('focus = "Cornr"\n' + TWO, 2, 9, "focus", 'did you mean "Corner"?'),
    ('[firms."A.B"]', 2, 8, 'firms."A.B"', "no dots"),
    ('[firms." A"]', 2, 8, "firms. A", "1 to 40 letters"),
    ("[segments.new-ones]", 2, 11, "segments.new-ones", "letters a to z"),
    ("[segments.class]", 2, 11, "segments.class", "has a meaning in rules"),
    ("[segments.spent]", 2, 11, "segments.spent", "a column or a word"),
    ("[segments.lapsed]", 2, 11, "segments.lapsed", "a column or a word"),
    # rules
    ('[[firms.A.rules]]\nif = "statis == lapsed"\nthen = { fire = true }', 3, 7, "firms.A.rules.1.if", 'did you mean "status"?'),
    ('[[firms.A.rules]]\nif = "spent > 1 and spnt < 2"\nthen = { fire = true }', 3, 21, "firms.A.rules.1.if", '"spent"?'),
    ('[[firms.A.rules]]\nif = "segment_guess == studnts"\nthen = { fire = true }\n[segments.students]', 3, 24, "firms.A.rules.1.if", "students"),
    ('[[firms.A.rules]]\nif = "spent > 1"', 2, 1, "firms.A.rules.1", '"then" is missing'),
    ('[[firms.A.rules]]\nif = "spent > 1"\nthen = {}', 4, 8, "firms.A.rules.1.then", "must name a decision"),
    ('[[firms.A.rules]]\nif = "spent > 1"\nthen = { price = 2 }', 4, 10, "firms.A.rules.1.then.price", "all customers alike"),
    ('[[firms.A.rules]]\nif = "spent > 1"\nthen = { offer = 15 }', 4, 18, "firms.A.rules.1.then.offer", "did you mean 0.15?"),
    ('[[firms.A.rules]]\nif = "spent > 1"\nthen = { fire = true }\n[[firms.A.rules]]\nif = 3\nthen = 4', 6, 6, "firms.A.rules.2.if", "text"),
    ("firms.A.rules = 3", 2, 17, "firms.A.rules", "write [[firms.A.rules]]"),
    ("[firms.A.rules]\nif = 3", 2, 10, "firms.A.rules", "write [[firms.A.rules]]"),
    # policies
    ("firms.A.policy = 3", 2, 18, "firms.A.policy", "a policy's name, or a table"),
    ("firms.A.policy = { below = 0.1 }", 2, 18, "firms.A.policy", '"name" is missing'),
    ('firms.A.policy = { name = "x", below = nan }', 2, 40, "firms.A.policy.below", "finite"),
    # files
    ('talk.network = "file"', 2, 16, "talk.network", "needs edges"),
    ('talk = { network = "file", edges = "none.csv" }', 2, 36, "talk.edges", "no such file"),
    ('talk = { network = "file", edges = "../x.csv" }', 2, 36, "talk.edges", "beside the scenario file"),
    ('talk = { network = "file", edges = "/etc/passwd" }', 2, 36, "talk.edges", "beside the scenario file"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "line", "column", "address", "words"), BROKEN, ids=lambda value: str(value)[:50]
)
def test_broken_file_is_refused_in_the_right_place(body, line, column, address, words):
    found = [fault for fault in faults_of(HEAD + body) if fault.address == address]
    assert len(found) == 1
    assert (found[0].line, found[0].column) == (line, column)
    assert words in str(found[0])
    assert str(found[0]).startswith(f"shop.toml:{line}:{column}: {address}: ")
    assert "\n" not in str(found[0])


# a TOML mistake, line, column, words
SYNTAX = [
    ("[market]\nmonths = 3\nmonths = 4", 4, 1, "given before"),
    ("[market]\n[market]", 3, 1, "given before"),
    ("[market", 2, 8, "never closed"),
    ("[market]\nsetting = contract", 3, 11, 'words stand in quotes: "contract"'),
    ("[market]\ninitial_trust = 0,5", 3, 18, "decimals have a point: 0.5"),
    ("[market]\ninitial_trust = .5", 3, 17, "write 0.5"),
    ("[market]\ninitial_trust = 50 %", 3, 20, "write 50 % as 0.5"),
    ("[market]\ninitial_trust: 0.5", 3, 14, "write = between"),
    ('[market]\nsetting = "free', 3, 11, "never closed"),
    ("[market]\nsetting = “free”", 3, 11, "quotes are straight"),
    ("firms.A.plan.ask = True", 2, 20, "true and false"),
    ("// a note", 2, 1, "a comment begins with #"),
    ("market.season = [\n 1, 1 # January\n 1, 1]", 3, 6, "a comma or ]"),
    ("segments.a.basket = { mean = 3\n", 2, 31, "a comma or }"),
    ('title = """x\n\n', 2, 9, "never closed"),
    ("market.months = " + "9" * 5000, 2, 17, "too many digits"),
]


@pytest.mark.parametrize(("body", "line", "column", "words"), SYNTAX, ids=lambda value: str(value)[:40])
def test_what_is_not_toml_is_refused_in_the_right_place_with_the_cure(body, line, column, words):
    (fault,) = faults_of(HEAD + body)
    assert fault.line == line
    assert abs(fault.column - column) <= 1
    assert words in str(fault)


def test_all_faults_come_at_once_in_the_order_of_the_file():
    bodies = [
        "[market]\nmonths = 0\nsetting = 1",
        "[segments.a]\nshare = 0.5\n[segments.b]\nshare = 0.6\ntaste = { mean = 0.1 }",
        '[firms.A.plan]\nlevel = "top"\n[[firms.A.rules]]\nif = "x > 1"\nthen = { offer = 2, fire = 1 }',
        "[talk]\nunhappy_tell = 3\nonline = nan",
    ]
    faults = faults_of("\n".join(bodies))  # and the format is missing
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)
    addresses = [fault.address for fault in faults]
    assert addresses == [
        "", "market.months", "market.setting", "segments.b.share", "segments.b.taste.width", "firms.A.plan.level",
        "firms.A.rules.1.if", "firms.A.rules.1.then.offer", "firms.A.rules.1.then.fire", "talk.unhappy_tell", "talk.online",
    ]  # fmt: skip
    assert "write tenfold = 1 on the first line" in str(faults[0])


# a file with mistakes of TOML and others; the lines in which faults are told
MIXED = [
    ("[market\nmonths = 0\n[talk]\nonline = 5", [2, 3, 5]),
    ("[market]\nmonths = 0\nsetting = contract\n[talk]\nunhappy_tell = 3\nonline: 4", [3, 4, 6, 7]),
    ("[market]\nseason = [1, 1\n 1, 1,\n 1]\nmonths = 0", [3, 6]),
    ("[market]\nmonths = 3\n[market]\nmonths = 0\n[talk]\nonline = 5", [4, 7]),
    ('[talk]\nonline = 5\n[info]\nwhat = """x\n[market]\nmonths = 0', [3, 5]),
    ('[[firms.A.rules]]\nif = "spnt > 1"\nthen = { offer = 0,5 }\n[talk]\nonline = 5', [3, 4, 6]),
    ("[market]\nmonths = 0\n" + "".join(f"key{i} = 0,{i}\n" for i in range(30)), [3, *range(4, 34)]),
    # what is only a consequence is not told: sums, the focus, what is missing, what depends on what is not read
    ("[segments.a]\nshare = 0,5\n[segments.b]\nshare = 0.5", [3]),
    ("focus = 'Corner'\n[firms.Corner = 3]\nquality = 9", [3]),
    ('[[firms.A.rules]]\nif = spent > 1\nthen = { fire = true }', [3]),
    ('[firms.A.policy]\nname = retainer\nadvertising_share = 9', [3]),
    ('talk.network = "file"\ntalk.edges = friends.csv', [3]),
    ("[segments.a]\ntaste = { mean = 0.2 }\n[segments.a]\ntaste.width = 0.1", [4]),
    ('[segments.students = 1]\n[[firms.A.rules]]\nif = "segment_guess == students"\nthen = { fire = true }', [2]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "lines"), MIXED, ids=lambda value: str(value)[:40])
def test_a_mistake_of_toml_hides_no_other_fault_and_makes_none(body, lines):
    assert [fault.line for fault in faults_of(HEAD + body)] == lines


def test_where_reading_again_would_take_too_long_the_rest_is_said_to_be_unread():
    faults = faults_of(HEAD + "key = 0,1\n" * 150)
    assert [fault.line for fault in faults] == [*range(2, len(faults) + 1), 0]
    assert len(faults) > 50
    assert "not all of this file could be read; mend these first" in str(faults[-1])


def test_a_format_that_cannot_be_read_is_not_called_missing():
    (fault,) = faults_of("tenfold = 1,0\n[market]")
    assert (fault.line, "1.0" in str(fault)) == (1, True)


def test_a_newer_format_needs_a_newer_tenfold():
    (fault,) = faults_of("title = 'x'\ntenfold = 2\nnew_thing = 3")
    assert str(fault).startswith("shop.toml:2:11: tenfold: needs a newer Tenfold")


@pytest.mark.parametrize("given", ["0", "-1", '"1"', "true", "1.0", "[]", "nan"])
def test_a_wrong_format_is_refused(given):
    (fault,) = faults_of(f"tenfold = {given}")
    assert (fault.address, fault.line) == ("tenfold", 1)


def test_a_flood_of_faults_is_cut_with_a_count():
    faults = faults_of(HEAD + "\n".join(f"key{i} = 1" for i in range(5000)))
    assert len(faults) == 101
    assert "4,900 more" in str(faults[-1])


def test_positions_survive_every_way_of_writing_toml():
    text = (
        "tenfold = 1\r\n"
        '\ttitle = """two\r\nlines ] } # " """ # a comment [\r\n'
        "info.references = [ 'a # b', \"c \\\" ] d\", # x ]\r\n\t\t'e']\r\n"
        '"market" . "months" = 0\r\n'
        "[ segments . 'a' ]\r\n"
        "basket = { mean = 4.0, 'shape' = -1 }\r\n"
    )
    months, shape = faults_of(text)
    assert (months.address, months.line, months.column) == ("market.months", 6, 23)
    assert (shape.address, shape.line, shape.column) == ("segments.a.basket.shape", 8, 34)
