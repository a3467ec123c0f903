# %% [markdown]
# # 9. Acquisition against retention
#
# **The question.** Is keeping a customer really five times cheaper than winning one?
#
# | minutes | what |
# |---|---|
# | 0 to 10 | Opening: a budget of 1,000 EUR. How much for new customers, how much for those you have? |
# | 10 to 20 | Theory in brief |
# | 20 to 45 | The experiment: averages, margins, where customers come from, partners |
# | 45 to 65 | Exercises with your own numbers |
# | 65 to 75 | Debrief |

# %%
import pandas as pd

import sim

world = {"market.customers": 2000, "market.months": 48}
budgets = {}
for advertising in (0, 300, 600, 1200, 2400):
    run = sim.run("plain", change=world | {"firms.North.plan.advertising": advertising})
    last = run.months.query("firm == 'North' and month == 48").iloc[0]
    budgets[advertising] = last[
        ["customers", "customers_won", "acquisition_cost", "retention_cost", "cost_ratio", "customer_equity"]
    ]
budgets = pd.DataFrame(budgets).T.rename_axis("advertising a month").astype(float)
budgets.round(1)

# %%
budgets.cost_ratio.plot(
    marker="o", ylabel="cost of winning / cost of keeping", title="The famous ratio is set by the budget"
);
# %%
spend = budgets.acquisition_cost * budgets.customers_won
one_more = spend.diff() / budgets.customers_won.diff()
pd.DataFrame({"average": budgets.acquisition_cost, "one customer more": one_more}).round(0)

# %% [markdown]
# ## Theory in brief
#
# "It costs five times as much to win a customer as to keep one" is said everywhere and has no sound source. It compares two *averages*, and both depend on what the firm spends. The *cost of
# acquisition* is all spend on winning over customers won; that of *retention* all spend on keeping over the customer-years kept. To decide where the next euro goes one needs the *margins*: what one customer more costs, and what he brings.
#
# Blattberg & Deighton (1996, *Harvard Business Review* 74(4) 136-144) let each of the two rates rise with spend toward a ceiling, and ask for the two budgets that maximize customer equity. The lifetime value of a customer decides how much
# winning one may cost, and what supporting him is worth: growth may come from new customers or from those one has.
#
# Channels differ in what they bring: advertising, affiliates who get a *commission*, partners who share customers (synergy: more sales, less cost to develop and to maintain), referrals. Whom one wins matters as much as how many:
# *the right customers*, not all. And where the database says whom to speak to, the same effect costs less than a message to everybody.

# %% [markdown]
# ## The experiment
#
# **Two firms in one.** Spend on winning (much advertising, a discount for the first purchase, little care), or on keeping (half the advertising, a call after the sale, good answers).

# %%
two = sim.compare(
    "plain", ["acquirer", "retainer"], firm="North", seeds=2, months=36, change={"market.customers": 2000}
)
two

# %% [markdown]
# **The margins, by twins.** What one customer more, won or kept for a year, costs North, and what a euro brings on either side.

# %%
base = sim.run("plain", change=world)
sim.metrics.marginal_costs(base, firm="North", start=24, months=12, seeds=3).round(2)

# %% [markdown]
# **Where customers come from, and what they are worth.** The web shop's rival ProStack pays affiliates and gives 15 % off the first order.

# %%
origin = sim.metrics.revenue_by_origin(sim.run("web_shop")).query("firm == 'ProStack' and customers > 0")
origin.assign(
    revenue_a_customer=origin.revenue / origin.customers, profit_a_customer=origin.profit / origin.customers
).round(0)

# %% [markdown]
# **Partners.** Three partners make North known to their customers, for a share of what it sells to them. North brings the goods to the customer itself, or leaves most of that to them as well.

# %%
ways = {
    "alone": {},
    "partners send": {"partnership": 1.0},
    "partners send and deliver": {"partnership": 1.0, "own_journey": 0.2},
}
allied = {}
for name, own_part in ways.items():
    change = {f"mechanisms.partners.firms.North.{key}": value for key, value in own_part.items()}
    run = sim.run("plain", change=world | {"mechanisms.partners.on": True} | change)
    months, booked = run.months.query("firm == 'North'"), run.ledger.query("firm == 'North'")
    won = months.set_index("month").customers_won[[12, 24, 36, 48]].sum()  # each counts the twelve months before
    allied[name] = [won, booked.partner_fees.sum(), booked.costs_shared.sum(), months.failures.sum(),
                    run.firms.customers["North"], run.firms.customer_equity["North"]]  # fmt: skip
allied = pd.DataFrame(allied, index=["won in 4 years", "fees", "costs shared", "failures", "customers", "customer equity"]).T
allied.round(0)

# %% [markdown]
# **The right customers.** The same cheap mailing to all of North's database, or to nobody but those who bought lately (a rule by months since the last purchase).


# %%
class OnlyTheActive(sim.Policy):
    """Mail to those who bought in the last half year, and to nobody else."""

    def decide(self, view):
        return sim.Plan(messages=4).where(view.customers.months_since_purchase > 6, messages=0)


class Everybody(sim.Policy):
    """Mail to everybody in the database."""

    def decide(self, view):
        return sim.Plan(messages=4)


targeted = sim.compare(
    "plain",
    {"everybody": Everybody(), "only the active": OnlyTheActive()},
    firm="North",
    seeds=2,
    change=world,
)
targeted

# %% [markdown]
# ### Things to notice
#
# - The ratio runs from 0 to 15 in one and the same market, by the advertising budget alone. Five is an outcome, at one budget, not a law.
# - One customer more costs two to four times the average, because advertising reaches the same people again. Yet the largest budget has the most customer equity here: what a customer brings
#   is worth even that. The *margin* has to be held against what he brings, not against the average.
# - The acquirer ends with a third more customers, the retainer with fewer and with the most customer equity of the three; with so little luck tried the intervals of equity include 0.
# - `marginal_costs` says *not identified*: a tenth more advertising wins about one customer, and three kinds of luck cannot tell that from none. It gives no number, and it is right not to. The same question with
#   `months=24, seeds=10` takes some seconds more, and has an answer on either side.
# - In this run ProStack's customers who came by affiliates bring more a head than those who came by themselves, 262 EUR of revenue against 167. With `seed=2` they bring less, 188 against 210: 38 customers are few. And a difference that held would not say what
#   the channel does to a person: who comes by it may have been different before (*selection*).
# - With partners North wins 915 customers in four years instead of 795 (who returns counts again), and four fifths of what their fees cost is saved. But the customer sees one firm: where they deliver as well, North has a third more failures, and its equity falls from 114,978 EUR
#   to 93,977 EUR, below that of going alone. Share customers and costs, and keep the experience (lesson 6) in your own hands.
# - Mailing only those who bought lately changes nothing here: mail is nearly free and hardly annoys, so there is nothing to save. Data lower the cost of marketing where a contact is dear: look at the branch of lesson 7
#   that calls its best tenth. A pattern that does **not** emerge is a finding too.
#
# ## Exercises
#
# Put your student id between the quotes. Your North has a budget of its own.

# %%
own = sim.teach.start("lesson09", student="")
own

# %%
q1 = None  # (low, high)
sim.teach.check("lesson09.q1", q1)

# %%
q2 = None
sim.teach.check("lesson09.q2", q2)

# %%
q3 = None
sim.teach.check("lesson09.q3", q3)

# %%
q4 = None
sim.teach.check("lesson09.q4", q4)

# %%
q5 = None  # "sentences of yours"
sim.teach.check("lesson09.q5", q5)

# %% [markdown] tags=["solution"]
# ## Solutions, with other numbers
#
# For seed 5 and 500 EUR. All spend on winning is cost a customer times customers won; the difference of two such products over the difference of customers won is what one customer more costs (**q3**), and that less the average at the small budget is **q4**.

# %% tags=["solution"]
small, large = (
    sim.run(
        "plain",
        seed=5,
        change={"market.customers": 1000, "market.months": 48, "firms.North.plan.advertising": a},
    )
    .months.query("firm == 'North' and month == 48")
    .iloc[0]
    for a in (500, 1000)
)
more = (large.acquisition_cost * large.customers_won - small.acquisition_cost * small.customers_won) / (
    large.customers_won - small.customers_won
)
small.cost_ratio, large.acquisition_cost, more, more - small.acquisition_cost

# %% [markdown] tags=["solution"]
# **q5.** The sentence compares averages of what was spent so far. The next euro of advertising buys fewer customers than the last, and so does the next euro of care. Wanted is what the next euro brings on either side (`marginal_return`),
# and the ratio of the averages says nothing about it.

# %% [markdown]
# ## Debrief
#
# 1. Name a firm for which the ratio is below one. What would you tell its consultant?
# 2. One customer more cost two to four times the average. Why do firms report the average?
# 3. Which origin of customers would you pay more for, and what would you have to know about those who leave?
#
# ## To read
#
# - Blattberg, R. C. & Deighton, J. (1996). Manage marketing by the customer equity test. *Harvard Business Review* 74(4), 136-144.
# - Reinartz, W., Thomas, J. S. & Kumar, V. (2005). Balancing acquisition and retention resources to maximize customer profitability. *Journal of Marketing* 69(1), 63-79.
# - Villanueva, J., Yoo, S. & Hanssens, D. M. (2008). The impact of marketing-induced versus word-of-mouth customer acquisition on customer equity growth. *Journal of Marketing Research* 45(1), 48-59.
#
# ## Concepts taught
#
# - **10** Lifetime value decides between supporting customers one has and winning new ones.
# - **58** The cost of acquisition, on average and at the margin.
# - **59** "Keeping costs a fifth of winning": the ratio is an outcome of budgets, from 0 to 15 here.
# - **67** Synergy with partners: more sales, shared cost, and failures in one's own name; affiliates are the simplest partners.
# - **68** Affiliate programs: commission for a first purchase, and who comes by them.
# - **71** Targeting the right customers: whom one wins, not how many.
# - **124** Data lower the cost of marketing: mail to those who bought lately.
