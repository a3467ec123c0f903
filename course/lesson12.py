# %% [markdown]
# # 12. Strategy, rivals and the relating capability
#
# **The question.** What is the best strategy when the rival has one too?
#
# | minutes | what |
# |---|---|
# | 0 to 10 | Opening: two bakeries on one street. One lowers its price. What do you do, and then? |
# | 10 to 20 | Theory in brief |
# | 20 to 45 | The experiment: nine pairs of strategies, one price war, a capability and a chain |
# | 45 to 65 | Exercises with your own numbers |
# | 65 to 75 | Debrief |

# %%
import pandas as pd

import sim

STRATEGIES = ("retainer", "acquirer", "price_cutter")
games = {
    (mine, theirs): sim.run("two_cafes", policies={"Corner": mine, "Express": theirs})
    for mine in STRATEGIES
    for theirs in STRATEGIES
}


def payoffs(firm, column="customer_equity"):
    table = pd.Series({pair: run.firms.loc[firm, column] for pair, run in games.items()}).unstack()
    return table.loc[list(STRATEGIES), list(STRATEGIES)].rename_axis("Corner").rename_axis("Express", axis=1)


payoffs("Corner").round(-3)

# %%
payoffs("Express").round(-3)

# %%
games["price_cutter", "price_cutter"].plot("months");
# %% [markdown]
# ## Theory in brief
#
# A strategy is an answer to what others do. What is best alone may be ruin together: if both undercut each other the price falls to where nobody earns. A pair of strategies is an *equilibrium* when neither gains by changing alone (Nash 1950).
#
# **Before software, a strategy.** Systems multiply what a firm has decided to do; they do not decide it (Rigby, Reichheld & Schefter 2002, *Harvard Business Review* 80(2) 101-109). Five steps make one: the right customers, the right value proposition, the best processes, motivated
# employees, learning to retain. An *industry bandwidth* is the range of what rivals offer, from the bare product to the joint solution; a firm flares out of it by *unbundling* (less, cheaper), by *augmentation* (more, dearer), or by a *flexible offer*: a core, and options with a price, from which accounts choose
# themselves.
#
# **A relating capability** (Day 2003, *Journal of Marketing* 67(1); *Sloan Management Review* 44(3) 77-82) has three parts. *Orientation*: keeping customers is a shared goal, everybody acts fast and may. *Information*: what is known of whom, and where. *Configuration*: structure and what people are rewarded
# for (sales, retention or lifetime value). The studies find that orientation and configuration matter more, and information, where most of the money goes, least.
#
# **In business markets** relationship and knowledge sit with the *sales representative*: good ones give their effort by the value of the relationship. Who leaves takes knowledge along, unless it is in a shared database that the field can reach (sales-force automation helps where it is used).
# On the web, shopping agents, search engines and negotiating programs make prices plain. A chain of supply that shares the demand signal runs out about as seldom from less stock; where demand moves, fewer orders wait each time; and its orders swing less (Lee, Padmanabhan & Whang 1997, *Management Science* 43(4) 546-558).

# %% [markdown]
# ## The experiment
#
# **Who answers what?** For each strategy of the rival the best answer, by equity and by number of customers.

# %%
pd.DataFrame(
    {
        f"by {column}": {
            f"Corner, if Express is {theirs}": payoffs("Corner", column)[theirs].idxmax()
            for theirs in STRATEGIES
        }
        | {
            f"Express, if Corner is {mine}": payoffs("Express", column).loc[mine].idxmax()
            for mine in STRATEGIES
        }
        for column in ("customer_equity", "customers")
    }
)

# %% [markdown]
# **A war of prices.** Both undercut. Prices relative to the market's, and profit by year.

# %%
war = games["price_cutter", "price_cutter"].months
war.assign(year=(war.month - 1) // 12 + 1).pivot_table(
    index="year", columns="firm", values="profit", aggfunc="sum"
).round(0)

# %% [markdown]
# **Unbundle or augment.** Four equal firms. North takes services away and asks 10 % less, or adds them and asks 10 % more. Buyers by price (orientation 0.1) or by relationship (0.8).

# %%
offers = {
    "as it is": {},
    "unbundled": {"firms.North.plan.level": "basic", "firms.North.plan.price": 0.9},
    "augmented": {"firms.North.plan.level": "proactive", "firms.North.plan.price": 1.1},
}
rows = {}
for orientation in (0.1, 0.8):
    for name, change in offers.items():
        world = {
            "market.customers": 1000,
            "market.months": 36,
            "segments.everyone.basket.mean": 150,
            "segments.everyone.relationship_orientation.mean": orientation,
        }
        rows[orientation, name] = sim.run("plain", change=world | change).firms.loc[
            "North", ["customers", "annual_retention", "profit", "customer_equity"]
        ]
pd.DataFrame(rows).T.rename_axis(["orientation", "offer"]).round(2)

# %% [markdown]
# **A firm that may act.** Orientation in this market: answers in a day instead of two weeks, and staff who were trained to give them.

# %%
able = sim.compare(
    "plain",
    {
        "slow and untrained": {"change": {"firms.North.plan.reply_days": 14, "firms.North.plan.training": 0}},
        "fast": {"change": {"firms.North.plan.reply_days": 1, "firms.North.plan.training": 0}},
        "trained": {"change": {"firms.North.plan.reply_days": 14, "firms.North.plan.training": 400}},
        "fast and trained": {"change": {"firms.North.plan.reply_days": 1, "firms.North.plan.training": 400}},
    },
    firm="North",
    seeds=2,
    months=36,
    change={
        "market.customers": 1000,
        "firms.North.plan.level": "accountable",
        "firms.North.plan.recovery": "refund",
    },
)
able

# %% [markdown]
# **Three parts.** The whole capability: all three raised from the usual 0.3 to 0.9, then one of them left at 0.1; and instead of it software for 1 EUR a customer and month, without and with a strategy (`clarity`) that says what for.

# %%
whole = {"orientation": 0.9, "configuration": 0.9, "information": 0.9}
firms = {
    "as usual": {},
    "all three": whole,
    **{f"without {part}": whole | {part: 0.1} for part in whole},
    "software": {"technology": 1.0},
    "software, strategy": {"technology": 1.0, "clarity": 1.0},
}
parts = {}
for name, own_part in firms.items():
    change = {f"mechanisms.capability.firms.North.{key}": value for key, value in own_part.items()}
    run = sim.run("plain", change={"market.customers": 1000, "market.months": 36, "mechanisms.capability.on": True} | change)
    last = run.months.query("firm == 'North'").iloc[-1]
    parts[name] = [last.relating, last.employee_satisfaction, run.firms.annual_retention["North"], run.firms.customer_equity["North"]]
parts = pd.DataFrame(parts, index=["capability", "employees' satisfaction", "kept in a year", "customer equity"]).T
parts.round(2)

# %% [markdown]
# **A chain that knows.** The web shop's goods come one to four months after they are ordered. Its suppliers see its orders only, or what its customers buy.

# %%
chain = {}
for lead in (1, 2, 4):
    for shared in (0.0, 1.0):
        change = {"mechanisms.supply.lead_months": lead, "mechanisms.supply.firms.Pulse.shared_signal": shared}
        run = sim.run("web_shop", change=change)
        later, booked = (table.query("firm == 'Pulse' and month > 12") for table in (run.months, run.ledger))
        chain[lead, shared] = [later.bullwhip.mean(), 100 * later.stock_outs.mean(), booked.holding.sum() + booked.rush_orders.sum(), run.firms.customer_equity["Pulse"]]
chain = pd.DataFrame(chain, index=["variance of orders / of sales", "wait for goods, %", "holding and rush orders", "customer equity"]).T.rename_axis(["months", "shared"])
chain.round(1)

# %% [markdown]
# **Who owns the customer?** A maker of pumps whose knowledge sits with six representatives. Nobody leaves, or one in twenty a month; with and without a shared database.

# %%
field = {}
for turnover in (0.0, 0.05):
    for shared in (0, 1):
        change = {"mechanisms.sales_force.representative_turnover": turnover, "mechanisms.sales_force.firms.Brunnen.shared_database": shared}
        months = sim.run("field_sales", change=change).months.query("firm == 'Brunnen'")
        field[turnover, shared] = [months.known_to_representatives.mean(), months.known_to_firm.iloc[-1], months.profit.sum()]
field = pd.DataFrame(field, index=["known to representatives", "known to the firm", "profit, 4 years"]).T.rename_axis(["leave a month", "database"])
field.round(2)

# %% [markdown]
# **Programs that shop.** In the marketplace nobody, half, or everybody sends a program that compares all prices.

# %%
programs = {users: sim.run("agent_marketplace", change={"mechanisms.shopping_agents.users": users}).firms.profit for users in (0.0, 0.55, 1.0)}
programs = pd.DataFrame(programs).T.rename_axis("share who send a program")
programs.round(0)

# %% [markdown]
# ### Things to notice
#
# - Turnover of representatives costs Brunnen a tenth of its profit; the shared database gives back a third of that. If nobody ever leaves, the database has its cost and nothing else.
# - The three parts multiply. With all of them North is worth 27 % more; without orientation an eighth of that is left, without configuration a fifth, without information more than half. Software alone costs a tenth of the equity, with a strategy it adds 7 %.
#   The capability itself suffers most without configuration: it falls from 0.87 to 0.34, to 0.42 without orientation. That is an *input* (the weights, after Day & Van den Bulte 2002); that one missing part spoils the other two follows.
#   Equity suffers most without orientation all the same, for orientation acts on the staff too: employees' satisfaction ends at 0.47 instead of 0.76. (With `mechanisms.capability.content_orientation` at 0 it suffers as much without configuration, or more.)
# - The longer goods are on the way, the more orders swing: they have 5.5 times the variance of sales at four months (2.4 times the swing), 1.8 times at one (1.4 times the swing). Suppliers who see demand bring it to 1.5, 1 % of the orders wait for goods instead of 6 %, and the shop is worth 13 % more. At one month the link adds 4 %.
# - Programs that compare prices halve the profit of Bazaar, which gives way to them, and bring the cheapest, Cutter, a tenth more. Sage hardly notices.
# - By customer equity *retainer* is the best answer of both cafés to everything that the other may do: the pair (retainer, retainer) is an equilibrium. Nobody has to guess what the other does.
# - Reward Corner's manager by the number of guests, and he always plays *acquirer*; Express's then changes to *price_cutter* or *retainer*. The measure chooses the strategy: configuration.
# - A café that undercuts alone has a few more guests, and less equity. When both do, each follows the other down and both lose money every year from the second on. (In this market nobody
#   goes out of business, and prices know no floor: it is the worst case of a war.)
# - For buyers by price, *unbundled* has the most customers, and the most customer equity; for buyers by relationship, *augmented* has half as much again as anything else. Match the exchange to the situation (lesson 1): this time it emerges.
# - Training pays, speed alone does nothing that could be told from luck: without people who can answer, an early answer is no better. Together they are worth most. (Two kinds of luck; the intervals are wide.)
#
# ## Exercises
#
# Put your student id between the quotes. Your rival has a strategy of its own, you are judged by a measure of your own, and your shop's goods are longer or shorter on their way.

# %%
own = sim.teach.start("lesson12", student="")
own

# %%
q1 = None  # (low, high)
sim.teach.check("lesson12.q1", q1)

# %%
q2 = None
sim.teach.check("lesson12.q2", q2)

# %%
q3 = None  # one of the three words
sim.teach.check("lesson12.q3", q3)

# %%
q4 = None
sim.teach.check("lesson12.q4", q4)

# %%
q5 = None
sim.teach.check("lesson12.q5", q5)

# %%
q6 = None  # "sentences of yours"
sim.teach.check("lesson12.q6", q6)

# %% [markdown] tags=["solution"]
# ## Solutions, with other numbers
#
# For seed 5 and a rival that undercuts. **q2 and q3**: one run for each of one's own strategies, the rival's the same in all of them; the first figure of each is for who is judged by customer equity, the second for who is judged by customers. **q4**: both undercut. **q5**, for goods that take five months: the mean of a column, in two worlds.

# %% tags=["solution"]
mine = {
    policy: sim.run("two_cafes", seed=5, policies={"Corner": policy, "Express": "price_cutter"}).firms.loc[
        "Corner"
    ]
    for policy in STRATEGIES
}
{policy: [round(row.customer_equity), round(row.customers)] for policy, row in mine.items()}, mine["price_cutter"].profit

# %% tags=["solution"]
swings = {}
for shared in (0.0, 1.0):
    change = {"mechanisms.supply.lead_months": 5, "mechanisms.supply.firms.Pulse.shared_signal": shared}
    later = sim.run("web_shop", seed=5, change=change).months.query("firm == 'Pulse' and month > 12")
    swings[shared] = later.bullwhip.mean()
swings[0.0] - swings[1.0]

# %% [markdown] tags=["solution"]
# **q6.** A good answer says what the software would multiply: a call after each sale pays or not depending on whom it is given to, which is a decision. It rewards by customer equity or retention, not by the number of customers: the strategy with the most customers was not worth the most.

# %% [markdown]
# ## Debrief
#
# 1. Is there an equilibrium in the two tables? Would two real cafés find it?
# 2. Who in your firm is rewarded by which column? Whom would that lead into a war of prices?
# 3. Looking back over twelve lessons: which sentence of the textbooks did you believe before, and which not any more?
#
# ## To read
#
# - Day, G. S. (2003). Creating a superior customer-relating capability. *Sloan Management Review* 44(3), 77-82.
# - Rigby, D. K., Reichheld, F. F. & Schefter, P. (2002). Avoid the four perils of CRM. *Harvard Business Review* 80(2), 101-109.
# - Anderson, J. C. & Narus, J. A. (1991). Partnering as a focused market strategy. *California Management Review* 33(3), 95-113.
# - Palmatier, R. W., Scheer, L. K. & Steenkamp, J.-B. (2007). Customer loyalty to whom? *Journal of Marketing Research* 44(2), 185-199.
#
# ## Concepts taught
#
# - **18** In business markets relationship and knowledge sit with the representative.
# - **20** Good representatives give their effort by the value of the relationship.
# - **24** Field access to the central database: knowledge that stays when people go.
# - **32** Sales-force automation: worth what it is used for.
# - **53** Linking the supply chain: goods run out as seldom, from less stock; where demand moves, fewer orders wait each time.
# - **82** Pull tools: shopping agents and search make prices plain.
# - **83** Negotiation agents: a price for each, bargained by programs.
# - **105** Customer strategy first, then software: what would it multiply?
# - **106** Five steps: right customers, right proposition, best processes, motivated employees, learning to retain.
# - **108** The value proposition: what North offers, and to whom it is worth its price.
# - **109** Industry bandwidth: the range of rivals' strategies, here three.
# - **110** Flaring out by unbundling: less service, lower price.
# - **111** Flaring out by augmentation: more service, higher price.
# - **112** The flexible offer: a core and priced options, chosen by the accounts themselves.
# - **114** Retain: growth from those one has; look at each relationship again from time to time.
# - **115** Orientation: keeping customers is everybody's goal, with the latitude to act; fast answers, trained people.
# - **116** Information: what is known of whom; necessary, and not enough.
# - **117** Configuration: what people are rewarded for, by share, retention or value.
