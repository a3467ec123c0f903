# %% [markdown]
# # 7. The five levels and the three bonds
#
# **The question.** How much relationship is enough?
#
# | minutes | what |
# |---|---|
# | 0 to 10 | Opening: which firm calls you, and which would you wish to? |
# | 10 to 20 | Theory in brief |
# | 20 to 45 | The experiment: five levels and four sizes of purchase; three bonds |
# | 45 to 65 | Exercises with your own numbers |
# | 65 to 75 | Debrief |

# %%
import pandas as pd

import sim

LEVELS = ("basic", "reactive", "accountable", "proactive", "partnership")
equity = {}
for basket in (25, 50, 200, 800):
    world = {"market.customers": 500, "market.months": 36, "segments.everyone.basket.mean": basket}
    runs = {level: sim.run("plain", change=world | {"firms.North.plan.level": level}) for level in LEVELS}
    equity[basket] = {level: run.firms.customer_equity["North"] for level, run in runs.items()}
equity = pd.DataFrame(equity).T.rename_axis("EUR a purchase")
equity.round(0)

# %%
equity.idxmax(axis=1)

# %%
ax = (equity.T / equity.max(axis=1)).plot(
    marker="o",
    ylim=(-1, 1.1),
    ylabel="customer equity, of the best level's",
    title="The best level rises with what a customer spends",
)

# %% [markdown]
# ## Theory in brief
#
# Kotler (2003, *Marketing Management*, ch. 3) tells five levels of investment in a relationship apart: *basic* (we sell), *reactive* (call us if something is wrong), *accountable* (we call after the
# sale and ask), *proactive* (we call from time to time with ideas), *partnership* (we work with you to make you better off). The more margin a customer has and the fewer customers there are, the
# higher the level should be.
#
# Berry & Parasuraman (1991, *Marketing Services*) tell three bonds apart. *Financial*: a price advantage; the fastest and the easiest to imitate. *Social*: people who know each other; slower, and it may leave
# with the person. *Structural*: a solution that is built into the customer's own work (a system, a store at his site, linked ordering over an extranet); dear to set up, hard to copy, and it helps the customer do his job.
#
# Levels may be mixed: a dealer who passes problems on (2), reminds (3), and tells the best customers of new models (4).

# %% [markdown]
# ## The experiment
#
# **Three bonds.** An airline gives all its customers a bond for 30 months, and then stops. Who is still there, and what did it cost?


# %%
class Bond(sim.Policy):
    """A bond for everybody, in the first 30 months."""

    def __init__(self, **bond):
        self.bond = bond

    def decide(self, view):
        return sim.Plan(**self.bond) if view.month < 30 else sim.Plan()


air = {"market.customers": 2000, "firms.Aurora.policy": "status_quo"}
bonds = {
    "none": Bond(),
    "financial": Bond(discount=0.10),
    "social": Bond(social=True),
    "structural": Bond(structural=True),
}
flights = {name: sim.run("airlines", change=air, policies={"Aurora": bond}) for name, bond in bonds.items()}
customers = pd.DataFrame(
    {name: run.months.query("firm == 'Aurora'").set_index("month").customers for name, run in flights.items()}
)
customers.loc[[12, 30, 36, 48, 60]]

# %%
customers.sub(customers["none"], axis=0).drop(columns="none").plot(
    xlabel="month", ylabel="customers more than without a bond", title="What is left when the bond stops"
);
# %%
profits = {name: run.months.query("firm == 'Aurora'").profit.sum() for name, run in flights.items()}
pd.Series(profits).round(-3)

# %% [markdown]
# **Mixed levels.** A bank branch calls nobody, everybody, or the most valuable tenth (which is what it does).

# %%
branch = sim.compare(
    "bank_branch",
    {"the best tenth": {}, "nobody": "reactive", "everybody": "proactive"},
    seeds=2,
    change={"market.customers": 1500},
)
branch

# %% [markdown]
# ### Things to notice
#
# - At 25 and 50 EUR a purchase the level accountable is best, at 200 proactive, at 800 partnership: Kotler's diagonal. Its *direction* emerges. Where exactly it turns was set by the costs of the levels, which
#   are ours (`sim.explain("partnership")`).
# - A wrong level is far from harmless: partnership for people who spend 25 EUR a purchase destroys many times what the best level earns.
# - While they last, the financial and the structural bond hold about as many customers more: 152 and 125 in month 30. Half a year after the stop 99 of the discount's are left and 127 of the structural bond's;
#   at the end, 47 and 70. The social bond holds few (20), and keeps nearly all of them for as long.
# - And *none of the three pays* in these five years: the airline without any bond earns most. Kept customers and profit are two things. Give the bond to the best tenth and ask again (that is what Aurora does in the scenario).
# - The branch that calls its best tenth is worth most; calling everybody keeps the most customers and destroys three quarters of their worth.
#
# ## Exercises
#
# Put your student id between the quotes. Your customers spend an amount of their own.

# %%
own = sim.teach.start("lesson07", student="")
own

# %%
q1 = None  # (low, high)
sim.teach.check("lesson07.q1", q1)

# %%
q2 = None  # one of the five words
sim.teach.check("lesson07.q2", q2)

# %%
q3 = None
sim.teach.check("lesson07.q3", q3)

# %%
q4 = None  # "sentences of yours"
sim.teach.check("lesson07.q4", q4)

# %% [markdown] tags=["solution"]
# ## Solutions, with other numbers
#
# For seed 5 and 1,000 EUR a purchase: five runs that differ in one word, the best by customer equity, and what partnership falls short of it (0 where it is the best).

# %% tags=["solution"]
large = {
    level: sim.run(
        "plain",
        seed=5,
        change={
            "market.customers": 1000,
            "market.months": 36,
            "segments.everyone.basket.mean": 1000,
            "firms.North.plan.level": level,
        },
    ).firms.customer_equity["North"]
    for level in LEVELS
}
best = max(large, key=large.get)
best, large[best] - large["partnership"]

# %% [markdown] tags=["solution"]
# **q4.** Run the five levels for several baskets, and look where `idxmax` changes. Near that basket two levels are worth about the same: it is found by more seeds, not by one more digit.

# %% [markdown]
# ## Debrief
#
# 1. Which level does your bank, your grocer, your phone company choose for you? Are they right?
# 2. The bond that kept the most customers cost the most. When would you still choose it?
# 3. What would a rival do on the day after you announce ten percent off for own customers?
#
# ## To read
#
# - Kotler, P. (2003). *Marketing Management*, 11th ed., ch. 3. Prentice Hall.
# - Berry, L. L. & Parasuraman, A. (1991). *Marketing Services: Competing through Quality*. Free Press.
# - Jackson, B. B. (1985). *Winning and Keeping Industrial Customers*. Lexington Books.
# - Colgate, M. R. & Danaher, P. J. (2000). Implementing a customer relationship strategy: the asymmetric impact of poor versus excellent execution. *Journal of the Academy of Marketing Science* 28(3), 375-387.
#
# ## Concepts taught
#
# - **41** The financial bond: a price advantage, fast, and gone when it is gone.
# - **42** The social bond: people; weak in numbers here, but lasting.
# - **43** The structural bond: dear, strong, and it fades slowly.
# - **70** What customers gain from few suppliers: less choosing, service that knows them, a brand that they trust.
# - **76** Helping customers do their jobs: the structural bond in business markets.
# - **87** Intranets, extranets and linked supplier networks: what a structural bond is made of.
# - **107** Choosing accounts: the level of the relationship against what the account can bring.
# - **121** The five levels, and which is best for whom.
# - **122** Mixed levels: the branch that calls its best tenth.
