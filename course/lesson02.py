# %% [markdown]
# # 2. Lifetime value and customer equity
#
# **The question.** What is a customer worth, and what is a point of retention worth?
#
# | minutes | what |
# |---|---|
# | 0 to 10 | Opening: what would you pay to have one regular guest more? |
# | 10 to 25 | Theory in brief, and the margin multiple by hand |
# | 25 to 50 | The experiment: three ways to value the same customers |
# | 50 to 65 | Exercises with your own numbers |
# | 65 to 75 | Debrief |

# %%
import sim

shop = sim.run("web_shop")
shop

# %%
shop.plot("value");
# %%
shop.firms.customer_equity / shop.firms.customers

# %% [markdown]
# ## Theory in brief
#
# A customer's *lifetime value* is the discounted profit of the whole future relationship: revenue forecast, less the margin structure,
# less the cost to serve and to keep. *Customer equity* is the sum over all customers (Blattberg & Deighton 1996; Rust, Zeithaml & Lemon 2000). It is
# what a firm should compare its policies by: a policy that earns now by driving customers away shows a profit and loses equity.
#
# If a customer brings a margin *m* a year, stays each year with the chance *r*, and money costs *i* a year, the value is
# m · r / (1 + i − r): the *margin multiple* (Gupta & Lehmann 2003, *Journal of Interactive Marketing* 17(1) 9-24). It is a forecast with three
# assumptions: *m* stays, *r* is the same for all, and who leaves never returns. Models of purchases (BG/NBD with Gamma-Gamma) drop the
# second, brand-switching matrices the third. In a simulation there is a fourth way that no firm has: live the same state forward
# with fresh luck, many times, and take the mean.
#
# Customer equity has three *drivers* (Rust, Lemon & Zeithaml 2004, *Journal of Marketing* 68(1) 109-127): *value equity* (what one gets for the money),
# *brand equity* (what one feels beyond that), *relationship equity* (what one would leave behind).
#
# **How much to invest in loyalty?** As long as the next euro brings more than a euro. Because each further point of
# retention costs more than the last, there is a best amount, and it is less than the most.

# %% [markdown]
# ## The experiment
#
# **By hand.** What is a customer with a margin of 100 a year worth, and what do five points of retention add?

# %%
rate = 0.10
for r in (0.60, 0.70, 0.80, 0.90):
    before, after = 100 * r / (1 + rate - r), 100 * (r + 0.05) / (1 + rate - r - 0.05)
    print(
        f"retention {r:.0%}: worth {before:5.0f}; five points more: {after:5.0f}, {after / before - 1:+.0%}"
    )

# %% [markdown]
# **In the market.** The same customers of the web shop, valued three ways: by the margin multiple, by the shop's own database, and truly, by four
# futures of five years.

# %%
import pandas as pd

ways = [
    sim.lifetime_value(shop, method=method, firm="Pulse", **more)
    for method, more in (("multiple", {}), ("database", {}), ("true", {"futures": 4, "months": 60}))
]
worth = pd.concat(ways).set_index("method")[
    ["customers", "value", "per_customer", "standard_error", "tail_share"]
]
worth.round(2)

# %% [markdown]
# **A policy, valued.** Pulse improves what it delivers by 0.2 (in units of utility: the luck of one choice has a scale of 1), and nothing else. What
# does that do to the last year's profit, and what to customer equity? (Half as many people as before, three kinds of luck.)

# %%
better = sim.compare(
    "web_shop",
    {"as it is": {}, "better": {"change": {"firms.Pulse.quality": 0.45}}},
    seeds=3,
    change={"market.customers": 1000},
)
table = better.table.query("firm == 'Pulse' and segment == 'all'").set_index("metric")
table.loc[["profit", "customer_equity", "annual_retention", "average_order_value", "average_annual_sales"]][
    ["base", "difference", "low", "high"]
].round(2)

# %% [markdown]
# **How much care is enough?** Each of the first four of the five levels for all customers of one firm among four equal ones.

# %%
rows = {}
for level in ("basic", "reactive", "accountable", "proactive"):
    north = sim.run(
        "plain", change={"market.customers": 1000, "market.months": 36, "firms.North.plan.level": level}
    ).firms.loc["North"]
    rows[level] = north[["annual_retention", "profit", "customer_equity"]]
pd.DataFrame(rows).T.round(2)

# %% [markdown]
# ### Things to notice
#
# - By hand, five points of retention add a fifth to the worth of a customer who stays with 60 %, and two fifths at 90 %. It is the *same* five points.
# - Pulse is the smallest shop, and a customer of Pulse is worth most. Size and worth are two questions.
# - The three ways do not agree: the database says 155 EUR a customer, the multiple 238, the truth is near 700. The multiple counts as lost for good
#   who is elsewhere at the year's end; the truth counts who comes back, for as long as they live (more than a third of it comes after five years: `tail_share`).
#   The forecasts are not wrong by bad luck; they answer a narrower question.
# - The better Pulse earns about a third more profit and more than half more equity. Equity reacts more, because it holds the years to come. Its customers
#   order a little more often; what they spend on one order does not change, beyond luck.
# - The level accountable has the most equity. One level up, retention is higher still, and nearly all equity is gone: the care costs more than it keeps.
# - What does *not* emerge is agreement within luck: with three kinds of luck the interval of the gain in equity is wide. Ask how many seeds you need (`precision=`).
#
# ## Exercises
#
# Put your student id between the quotes. q1 and q2 need a pencil, or one line of Python.

# %%
own = sim.teach.start("lesson02", student="")
own

# %%
q1 = None
sim.teach.check("lesson02.q1", q1)

# %%
q2 = None
sim.teach.check("lesson02.q2", q2)

# %%
q3 = None  # (low, high)
sim.teach.check("lesson02.q3", q3)

# %%
q4 = None
sim.teach.check("lesson02.q4", q4)

# %%
q5 = None  # "sentences of yours"
sim.teach.check("lesson02.q5", q5)

# %% [markdown] tags=["solution"]
# ## Solutions, with other numbers
#
# **q1 and q2**, for a margin of 200 EUR, a retention of 0.90 and a rate of 0.10. The first margin comes in a year, and only from who is still
# there: one *r* stands above the line.

# %% tags=["solution"]
m, r, i = 200, 0.90, 0.10
value = m * r / (1 + i - r)
five_more = m * (r + 0.05) / (1 + i - r - 0.05)
value, 100 * (five_more / value - 1)

# %% [markdown] tags=["solution"]
# **q4**, for seed 5: customer equity over customers. It is far above a year's profit a customer, because it holds several years, and far below the
# revenue of these years, because most of that is cost.

# %% tags=["solution"]
pulse = sim.run("web_shop", seed=5).firms.loc["Pulse"]
pulse.customer_equity / pulse.customers

# %% [markdown] tags=["solution"]
# **q5.** A good answer says what each way assumes. The multiple takes one retention for everybody, and counts as lost for good who is elsewhere when
# the year ends. The database gives the shop's own retention to all, and guesses who is lost from the months since the last purchase, so that a mere pause may look like a loss. Both
# leave out who returns after that, and both leave out what a customer causes in others.

# %% [markdown]
# ## Debrief
#
# 1. Why is a point of retention worth more to a firm that already keeps many?
# 2. The true value is far above the forecasts. Which of the assumptions is broken? (Who leaves Pulse may come back.)
# 3. Your firm can measure revenue to the cent and customer equity within a third. Which of the two should decide a policy?
#
# ## To read
#
# - Blattberg, R. C. & Deighton, J. (1996). Manage marketing by the customer equity test. *Harvard Business Review* 74(4), 136-144.
# - Gupta, S. & Lehmann, D. R. (2003). Customers as assets. *Journal of Interactive Marketing* 17(1), 9-24.
# - Rust, R. T., Lemon, K. N. & Zeithaml, V. A. (2004). Return on marketing. *Journal of Marketing* 68(1), 109-127.
# - Fader, P. S. & Hardie, B. G. S. (2007). How to project customer retention. *Journal of Interactive Marketing* 21(1), 76-90.
#
# ## Concepts taught
#
# - **8** Lifetime value is the net profit of the entire future relationship: three ways side by side, one of them true.
# - **11** It is made of a revenue forecast, a margin structure and the cost to support: the ledger of each customer has all three.
# - **14** Lifetime value shows what a relationship policy does to profit: the comparison of Pulse with a better Pulse.
# - **48** LTV analysis: the margin multiple by hand, and what it assumes.
# - **49** Sales growth and average annual sales: in the table of the better Pulse.
# - **56** Amount purchased is order value times frequency; a better Pulse changes the second, hardly the first.
# - **57** Average order value: the mean spend on one order.
# - **118** Customer equity is the discounted lifetime value of all customers, and rises with loyalty.
# - **119** The drivers of customer equity: value, brand, relationship.
# - **120** How much to invest in loyalty: up to where the next euro brings a euro; the four levels.
