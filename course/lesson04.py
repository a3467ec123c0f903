# %% [markdown]
# # 4. Churn and defection analysis
#
# **The question.** Why do customers leave, and does asking them tell?
#
# | minutes | what |
# |---|---|
# | 0 to 10 | Opening: you left a provider. What did you tell them, and was it true? |
# | 10 to 20 | Theory in brief |
# | 20 to 45 | The experiment: four operators, one exit survey, one remedy |
# | 45 to 65 | Exercises with your own numbers |
# | 65 to 75 | Debrief |

# %%
import sim

operator = sim.run("mobile_operator", change={"market.customers": 4000})
operator

# %%
why = operator.defection()
why

# %%
operator.plot("departures");
# %% [markdown]
# ## Theory in brief
#
# *Churn* is the share of customers who leave in a period: to something better or cheaper, because they were driven away, or because the need
# ended. A small churn is a long life: at 2 % a month half of the customers are gone in under three years. Reichheld & Sasser (1990, *Harvard Business Review* 68(5)
# 105-111) reported that five points more retention raise profit by 25 to 85 %: an often quoted range from case studies.
#
# *Defection analysis* asks those who left why they did, orders the reasons, and acts against the ones that can be removed. Two traps: people do
# not always say the true reason (or know it), and the most frequent reason may be one that no remedy is against.
#
# Retention of a *cohort* rises with its age. That does not prove that loyalty grows: those who leave easily leave early, and who is left is different
# (sorting; Fader & Hardie 2007).

# %% [markdown]
# ## The experiment
#
# **What they say.** A row a true reason, a column what a survey of everybody who left would be told.

# %%
why.confusion

# %% [markdown]
# **Informed or not.** Meridian may do one thing: fail less often (a reliability of 0.99), lower its list price by 4 %, or give its own customers a discount of 3 %.
# Guess which one brings the most customer equity, knowing the table above.

# %%
remedies = sim.compare(
    "mobile_operator",
    {
        "as it is": {},
        "fewer failures": {"change": {"firms.Meridian.reliability": 0.99}},
        "lower price": {"change": {"firms.Meridian.plan.price": 0.96}},
        "discount": {"policies": {"Meridian": {"name": "financial_bond", "discount": 0.03}}},
    },
    seeds=2,
    months=36,
    change={"market.customers": 3000},
)
remedies

# %% [markdown]
# **Growth, sorting, or neither?** Retention by year of a relationship's age, in a market where all firms are alike: with loyalty that grows, without, and without where
# all people are alike as well (nobody is then of the kind that leaves easily). The mean of five kinds of luck: one alone may hide a point or two.

# %%
import pandas as pd

young = {"market.customers": 3000}
frozen = {
    f"decide.levels.{level}.growth": 0
    for level in ("basic", "reactive", "accountable", "proactive", "partnership")
}
alike = {
    f"segments.everyone.{trait}.varies": False
    for trait, of_all in sim.load("plain").segments["everyone"]
    if hasattr(of_all, "varies")
}
ages = {
    name: pd.concat(
        sim.metrics.cohort_retention(sim.run("plain", seed=seed, change=young | change))
        for seed in range(1, 6)
    )
    .groupby("year")
    .retention.mean()
    for name, change in (
        ("loyalty grows", {}),
        ("it does not", frozen),
        ("nor does anybody differ", frozen | alike),
    )
}
pd.DataFrame(ages).round(2)

# %% [markdown]
# **Winning back.** Meridian makes an offer to whom it lost, in the month in which the rival's contract ends.

# %%
operator.months.query("month == 60").set_index("firm")[
    ["monthly_churn", "annual_retention", "win_back_rate"]
].round(3)

# %% [markdown]
# ### Things to notice
#
# - Nearly half of Meridian's losses are not lost to anybody: the need ended, or a payment failed. No remedy is against that; it is the ceiling of retention.
# - The survey tells the truth in 70 % of the answers. It puts the reasons in the right order where they differ much; *messages* it reports 51 times, and nobody left for them.
# - The price is the most frequent reason with a remedy. Lowering it keeps the most customers, raises equity (within luck: look at the interval) and lowers this year's profit: everybody pays
#   less, also those who would have stayed. Failing less keeps fewer and raises both; but the model does not charge for it.
# - The discount for own customers keeps a few more of them, and everybody gets it, also those who would have stayed: the profit falls and the equity is where it was.
# - Retention rises with age even where loyalty does not grow at all: by 4 points from the first to the third year (second column). Is that sorting? Where all people are alike
#   as well it rises by 2 points too (third column): neither growth nor sorting, but a third cause, which no column here names. Most of the rise is growing loyalty (11 points in
#   the first column; with 10 seeds: `docs/claims.md`, cohorts), while Fader & Hardie explain their cohorts by sorting alone. One column alone tells no cause.
# - After eight offers in a hundred somebody is back within three months. Whether they would have come anyway, only a twin without offers can tell (`sim.metrics.win_back_lift`).
#
# ## Exercises
#
# Put your student id between the quotes. Your Meridian has its own luck and its own reliability.

# %%
own = sim.teach.start("lesson04", student="")
own

# %%
q1 = None  # (low, high)
sim.teach.check("lesson04.q1", q1)

# %%
q2 = None
sim.teach.check("lesson04.q2", q2)

# %%
q3 = None  # one of the words
sim.teach.check("lesson04.q3", q3)

# %%
q4 = None
sim.teach.check("lesson04.q4", q4)

# %%
q5 = None  # "sentences of yours"
sim.teach.check("lesson04.q5", q5)

# %% [markdown] tags=["solution"]
# ## Solutions, with other numbers
#
# For seed 5 and a reliability of 0.97. **q2**: true departures of that reason over all leavers. **q3**: of the reasons with a remedy, the one most often
# *reported*. **q4**: the diagonal of the confusion table over its sum.

# %% tags=["solution"]
other = sim.run(
    "mobile_operator", seed=5, change={"market.customers": 2000, "firms.Meridian.reliability": 0.97}
).defection()
100 * other.reasons.true["need ended"] / other.leavers, other.chosen, 100 * other.accuracy

# %% [markdown] tags=["solution"]
# **q5.** If everybody lied at random, all reasons would be reported about equally often: rare ones too often, frequent ones too rarely. A mixture of truth and such
# lies keeps the order of reasons that differ much, and blurs those that are close. The column `estimated` corrects for it, if one knows how often people tell the truth.

# %% [markdown]
# ## Debrief
#
# 1. Which reasons can no remedy remove, and what do they do to the best retention that is possible?
# 2. The remedy against the most frequent reason was not the best. Why not? What does it cost per customer who stays?
# 3. Which of your forecasts were too narrow?
#
# ## To read
#
# - Reichheld, F. F. & Sasser, W. E. (1990). Zero defections. *Harvard Business Review* 68(5), 105-111.
# - Fader, P. S. & Hardie, B. G. S. (2007). How to project customer retention. *Journal of Interactive Marketing* 21(1), 76-90.
# - Stauss, B. & Friege, C. (1999). Regaining service customers. *Journal of Service Research* 1(4), 347-361.
# - Neslin, S. A. et al. (2006). Defection detection. *Journal of Marketing Research* 43(2), 204-211.
#
# ## Concepts taught
#
# - **5** Defection analysis: why did they stop? `run.defection()`.
# - **6** Churn: buyers who move to something better or cheaper, and those who do not move at all.
# - **7** Less churn follows from acting on the reasons: three remedies compared on twins.
# - **29** Predicting the response to a change: the forecast before each run, and how often its range holds.
# - **62** The rate of recovery of lost customers: `win_back_rate`, returns over offers.
