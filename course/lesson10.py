# %% [markdown]
# # 10. Customer profitability and cost to serve
#
# **The question.** Which customers earn the profit, and what do you do about the others?
#
# | minutes | what |
# |---|---|
# | 0 to 10 | Opening: who is the best customer of a bank: the one with the most visits, or with none? |
# | 10 to 20 | Theory in brief |
# | 20 to 45 | The experiment: a whale, four quadrants, four things to do |
# | 45 to 65 | Exercises with your own numbers |
# | 65 to 75 | Debrief |

# %%
import pandas as pd

import sim

bank = sim.run("bank_branch")
sim.metrics.whale_peak(bank).round(2)

# %%
bank.plot("whale_curve");
# %%
sim.metrics.top_20_share(bank).round(2)

# %% [markdown]
# ## Theory in brief
#
# The 20/80 rule says that a fifth of the customers brings four fifths of the *revenue*. For *profit* it is starker: a fifth may bring far more than all of it, and the last third takes the surplus back. Ordered from the most to the least
# profitable, cumulative profit rises above 100 % and falls again: the *whale curve* (Kaplan & Narayanan 2001, *Journal of Cost Management* 15(5) 5-15).
#
# To see it one must know what each customer costs. *Activity-based costing* charges each account with what it sets off: orders, special wishes, changes, visits, support, returns, days of credit. Spreading costs by volume instead makes the customers that
# cost much look fine, and those that cost little look bad. That is the common mistake: to treat revenue as a stand-in for profit, and differentiation as if it paid for itself. It does only if the value created exceeds its cost. Large customers are often among
# the most *or* the least profitable ones.
#
# Net margin against cost to serve gives four kinds (Shapiro et al. 1987, *Harvard Business Review* 65(5) 101-108): *carriage trade* (high, high), *passive* (high, low), *aggressive* (low, high), *bargain basement* (low, low).
# What to do: keep the profitable; for the others *look inside first* (mend what makes them dear to serve), then charge for it, then negotiate, and only then end it. Who is fired talks, and the overhead stays for long.

# %% [markdown]
# ## The experiment
#
# **One account.** What a few customers of Marktbank brought and cost last year, activity by activity.

# %%
accounts = sim.metrics.accounts_by_activity(bank).query("firm == 'Marktbank'").dropna(subset=["customer"])
by_revenue = accounts.sort_values("revenue", ascending=False)
pd.concat([by_revenue.head(3), by_revenue.iloc[400:402], accounts.sort_values("profit").head(3)]).round(0).T

# %%
ranks = (
    accounts.revenue.rank(ascending=False)
    .to_frame("by revenue")
    .assign(profit=accounts.profit, by_profit=accounts.profit.rank(ascending=False))
)
fifth = len(ranks) // 5
largest = ranks.nsmallest(fifth, "by revenue")
{
    "of the largest fifth by revenue": len(largest),
    "also in the best fifth by profit": int((largest.by_profit <= fifth).sum()),
    "with a loss": int((largest.profit < 0).sum()),
}

# %% [markdown]
# **Four quadrants.** Net margin against cost to serve, cut at the medians; and tenure against profit.

# %%
sim.metrics.cost_quadrants(bank).query("firm == 'Marktbank'").round(0)

# %%
sim.metrics.loyalty_quadrants(bank).query("firm == 'Marktbank'").round(0)

# %% [markdown]
# **Four things to do.**

# %%
done = sim.compare(
    "bank_branch",
    {
        "nothing": {},
        "look inside first": {"change": {"firms.Marktbank.plan.self_service": 0.5}},
        "charge 10 % more": {"change": {"firms.Marktbank.plan.price": 1.1}},
        "fire the unprofitable": "fires_unprofitable",
    },
    seeds=2,
)
done

# %% [markdown]
# **The case of the textbook.** A maker of wire whose accounts differ in nine drivers of cost to serve; it may look inside first, or fire.

# %%
wire = {}
for name, change in (("nothing", {}), ("look inside first", {"firms.Wirewerk.policy": "looks_inside_first"}), ("fire the unprofitable", {"firms.Wirewerk.policy": "fires_unprofitable"})):
    run = sim.run("whale_case", change=change)
    peak = sim.metrics.whale_peak(run).set_index("firm").loc["Wirewerk"]
    wire[name] = [100 * peak.whale_peak, run.firms.customers["Wirewerk"], run.firms.profit["Wirewerk"], run.firms.customer_equity["Wirewerk"]]
wire = pd.DataFrame(wire, index=["peak, % of profit", "customers", "profit", "customer equity"]).T
wire.round(0)

# %% [markdown]
# ### Things to notice
#
# - The whale of the last cell climbs to 242 % of the profit. Looking inside first (processes, a menu of prices) brings it down to 103 % and makes seven times the profit, with 4 % fewer customers; firing triples the profit and loses 9 % of the customers.
# - Marktbank's best half of customers earns 130 % of its profit; the others take 30 % of it back. By revenue the first fifth brings 80 %, by profit 118 %.
# - Large customers *are* mostly the profitable ones here: 271 of the 315 largest by revenue are among the best fifth by profit. And 26 of them make a loss. In the account the loss has one name: `service`.
# - 540 customers in the quadrant *carriage trade* earn nearly all the profit; 247 *aggressive* ones lose 35,000 EUR; 541 in the *bargain basement* come out at 0.
# - Long tenure is no merit by itself: *barnacles* (long, unprofitable) are as many as *true friends*.
# - Firing and looking inside first both raise the profit of the last year, and which of the two more is luck. Firing has the lowest customer equity by far: more than a third is gone. Charging everybody 10 % more earns more now and drives the good ones away, too.
#   Looking inside first keeps the equity.
# - Part of the fall by firing is the yardstick: the fired count as lost customers in the retention that the margin multiple takes. Ask what the equity of those who are *left* is.
#
# ## Exercises
#
# Put your student id between the quotes. In your bank a visit has a cost of its own, and its manager is judged by a measure of its own.

# %%
own = sim.teach.start("lesson10", student="")
own

# %%
q1 = None  # (low, high)
sim.teach.check("lesson10.q1", q1)

# %%
q2 = None
sim.teach.check("lesson10.q2", q2)

# %%
q3 = None
sim.teach.check("lesson10.q3", q3)

# %%
q4 = None  # "nothing", "self_service" or "fire"
sim.teach.check("lesson10.q4", q4)

# %%
q5 = None  # "sentences of yours"
sim.teach.check("lesson10.q5", q5)

# %% [markdown] tags=["solution"]
# ## Solutions, with other numbers
#
# For seed 5 and materials of 3 EUR. **q2**: a share of rows. **q3**: the highest point of cumulative profit, over all profit.

# %% tags=["solution"]
dear = sim.run("bank_branch", seed=5, change={"market.customers": 2000, "serve.materials": 3.0})
profit = sim.metrics.accounts(dear).query("firm == 'Marktbank'").profit.sort_values(ascending=False)
100 * (profit < 0).mean(), 100 * profit.cumsum().max() / profit.sum()

# %% [markdown] tags=["solution"]
# **q4** compares one column under three plans. Customer equity holds the years to come, profit those gone by; who is judged by customers fires nobody. **q5.** Two reasons: overhead stays for long, and falls on those who are left; who is fired tells ten people; some are unprofitable because of *our* process. First
# see what makes them dear: visits that could be done by themselves, errors of ours, a price that does not name the extra service.

# %% [markdown]
# ## Debrief
#
# 1. Which of the bank's departments would defend the customers in the quadrant *aggressive*, and with which number?
# 2. Firing raised the year's profit and destroyed the most equity. Which of the two does your bonus depend on?
# 3. Would you rather be told that you are unprofitable, or simply find that the counter is closed?
#
# ## To read
#
# - Kaplan, R. S. & Narayanan, V. G. (2001). Measuring and managing customer profitability. *Journal of Cost Management* 15(5), 5-15.
# - Shapiro, B. P. et al. (1987). Manage customers for profits (not just sales). *Harvard Business Review* 65(5), 101-108.
# - Reinartz, W. & Kumar, V. (2002). The mismanagement of customer loyalty. *Harvard Business Review* 80(7), 86-94.
# - Cooper, R. & Kaplan, R. S. (1991). Profit priorities from activity-based costing. *Harvard Business Review* 69(3), 130-135.
#
# ## Concepts taught
#
# - **45** The 80/20 rule: of revenue, and of profit.
# - **50** The service costs of a single customer, high and low value alike.
# - **97** Activity-based costing: an account, activity by activity.
# - **98** The common mistake: revenue for profit; differentiation pays only if it creates more value than it costs.
# - **99** The 20/80 rule of profit, its corollary, and the whale curve.
# - **100** Large customers are among the most or the least profitable: ranks by revenue and by profit.
# - **101** High and low cost to serve, and "look inside first".
# - **102** Net margin against cost to serve: four quadrants.
# - **103** Keep, improve, fire: four things to do, and what they do to equity.
