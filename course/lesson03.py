# %% [markdown]
# # 3. Satisfaction, loyalty and their limits
#
# **The question.** Does a satisfied customer stay, and does a promise make one?
#
# | minutes | what |
# |---|---|
# | 0 to 10 | Opening: when were you satisfied with a firm, and left it? |
# | 10 to 20 | Theory in brief |
# | 20 to 45 | The experiment: good and bad news in the head, a promise, dealers whom nobody leaves |
# | 45 to 65 | Exercises with your own numbers |
# | 65 to 75 | Debrief |

# %%
import sim

sim.show.equation("serve.felt", disconfirmation=(-2, 2));
# %%
small = {"market.customers": 1000, "market.months": 36}
steps = {}
for quality in (-0.3, -0.15, 0.0, 0.15, 0.3):
    run = sim.run("plain", change=small | {"firms.North.quality": quality})
    last = run.months.query("firm == 'North' and month == 36").iloc[0]
    steps[quality] = [
        last.satisfaction,
        last.loyalty,
        run.firms.annual_retention["North"],
        run.firms.customers["North"],
        run.firms.profit["North"],
    ]

import pandas as pd

steps = pd.DataFrame(steps, index=["satisfaction", "loyalty", "kept in a year", "customers", "profit"]).T
steps.round(2)

# %%
ax = steps["kept in a year"].plot(
    marker="o",
    xlabel="quality of North",
    ylabel="share of customers kept in a year",
    title="Better is kept longer",
)

# %% [markdown]
# Is a step down worth more customers than a step up? One run is one history; here are ten, each with its own luck.

# %%
ten = pd.DataFrame(
    [
        {
            quality: sim.run("plain", seed=seed, change=small | {"firms.North.quality": quality}).firms.customers["North"]
            for quality in (-0.3, 0.0, 0.3)
        }
        for seed in range(1, 11)
    ]
)
moved = pd.DataFrame({"loses": ten[0.0] - ten[-0.3], "gains": ten[0.3] - ten[0.0]})
moved.agg(["mean", "min", "max"]).round(1)

# %% [markdown]
# ## Theory in brief
#
# *Satisfaction* is a comparison: what I got, against what I expected (Oliver 1980, *Journal of Marketing Research* 17(4) 460-469). A shortfall weighs more
# than an equal surplus (Anderson & Sullivan 1993, *Marketing Science* 12(2) 125-143). So whoever raises expectations, by a policy statement, an advertisement or an
# experience that is staged, raises the bar that he is measured by: the phase *before* the sale belongs to service as much as the sale and what comes after.
#
# *Loyalty* is more than a habit: a wish to go on, that grows with satisfaction and trust. It shows in what people buy (retention), in what share of their
# spending and of their minds a firm holds, and in what they would pay more. But retention is no proof of either: who has no occasion to leave, or nowhere to go,
# stays (Jones & Sasser 1995, *Harvard Business Review* 73(6) 88-99).
#
# A dashboard therefore has companions: satisfaction, loyalty *and* the morale of those who serve. None of the three stands for the others.

# %% [markdown]
# ## The experiment
#
# **A promise.** North promises more than the market's norm. Those who are not yet customers are drawn; those who are, compare.

# %%
promises = {}
for promise in (0.0, 0.3, 0.6):
    run = sim.run("plain", change=small | {"firms.North.plan.promise": promise})
    north = run.months.query("firm == 'North'").set_index("month")
    promises[promise] = [
        north.customers_won[12],
        north.customers[12],
        north.satisfaction[36],
        north.annual_retention[36],
        run.firms.customer_equity["North"],
    ]
pd.DataFrame(
    promises,
    index=["won in year 1", "customers, month 12", "satisfaction", "kept in a year", "customer equity"],
).T.round(2)

# %% [markdown]
# **Nobody leaves.** Three car dealers. People buy a car every four to seven years, and come to the workshop twice a year.

# %%
dealers = sim.run("car_dealers")
end = dealers.months.query("month == 60").set_index("firm")
end[["annual_retention", "satisfaction", "loyalty", "trust", "morale"]].join(dealers.firms.profit).round(2)

# %% [markdown]
# **Shares.** What part of the money of their customers the dealers hold, and what part of everybody's mind; and what the most loyal pay above the other firms.

# %%
mind = sim.metrics.share_of_mind(dealers).set_index("firm")
mind.join(end[["share_of_wallet", "share_of_customers"]]).round(2)

# %%
premium = sim.metrics.price_premium(sim.run("two_cafes"))
premium.query("firm == 'Corner'").round(2)

# %% [markdown]
# ### Things to notice
#
# - The curve of the first picture has a kink at 0: what is felt falls 2.2 times as steeply as it rises. In this model that is an *input*: the direction is
#   Anderson & Sullivan's, the size is ours.
# - In the table of qualities satisfaction, loyalty and retention rise together. Down and up by 0.3, North loses 50 customers and gains 33. That looks like the
#   kink, and is luck: over ten seeds it loses 52 and gains 50. What is felt is only one of the things that decide whether somebody leaves, and
#   the kink in it does not show in customers. One run could not have told you.
# - A promise of 0.6 wins hardly more customers in the first year (142 instead of 136), and in the end it costs twelve points of retention and more than half of the
#   customer equity. The promise is kept by nobody: quality is what it was, the bar is higher.
# - A promise *below* the norm (try `-0.6` in the loop) is a free lunch in this model: customers are pleased by more than they were promised, month by month, nobody
#   takes the low promise for the new norm, and hardly anybody who chooses minds. What is missing? (In a class game promises begin at 0, for this would win it.)
# - The dealers keep more than nine in ten customers a year, whatever people think of them; Marten's satisfaction is below 0. No occasion, no departure.
#   Morale differs a little, and with it what people experience.
# - Share of wallet is near 1 for all three: a customer of this model has one supplier at a time. As a measure it says little beyond retention here.
# - Corner's guests pay 8.7 % above the other café *whatever* their loyalty. That is Corner's list price; the model lets nobody pay more out of love. A premium
#   that rises with loyalty does **not** emerge. What would a firm have to do to collect one?
#
# ## Exercises
#
# Put your student id between the quotes. Your North has its own luck, its own step and its own promise.

# %%
own = sim.teach.start("lesson03", student="")
own

# %%
q1 = None  # (low, high)
sim.teach.check("lesson03.q1", q1)

# %%
q2 = None
sim.teach.check("lesson03.q2", q2)

# %%
q3 = None
sim.teach.check("lesson03.q3", q3)

# %%
q4 = None
sim.teach.check("lesson03.q4", q4)

# %%
q5 = None  # "sentences of yours"
sim.teach.check("lesson03.q5", q5)

# %% [markdown] tags=["solution"]
# ## Solutions, with other numbers
#
# **q2 and q3**, for seed 5 and a step of 0.1. Three runs that differ in one number; customers at the end, less customers at quality 0.

# %% tags=["solution"]
north = {
    quality: sim.run("plain", seed=5, change=small | {"firms.North.quality": quality}).firms.customers[
        "North"
    ]
    for quality in (-0.1, 0.0, 0.1)
}
north[0.1] - north[0.0], north[0.0] - north[-0.1]

# %% [markdown] tags=["solution"]
# **q1 and q4.** A promise of 0.2, for seed 5: q1 is in the second line, q4 the second line's equity less the first's.

# %% tags=["solution"]
for promise in (0.0, 0.2):
    firms = sim.run("plain", seed=5, change=small | {"firms.North.plan.promise": promise}).firms
    print(promise, firms.annual_retention["North"].round(3), firms.customer_equity["North"].round())

# %% [markdown] tags=["solution"]
# **q5.** A good answer finds what keeps them: cars are bought every few years, so nine in ten had no occasion. Measure who thinks of another make, what they
# would do if the next car were due, or the share of those who did buy that bought from you again.

# %% [markdown]
# ## Debrief
#
# 1. A manager is paid by the satisfaction score. What will he do with promises?
# 2. Which of satisfaction, loyalty and retention moves first when service gets worse, and which last?
# 3. Where does your own loyalty have no occasion to show?
#
# ## To read
#
# - Oliver, R. L. (1980). A cognitive model of the antecedents and consequences of satisfaction decisions. *Journal of Marketing Research* 17(4), 460-469.
# - Anderson, E. W. & Sullivan, M. W. (1993). The antecedents and consequences of customer satisfaction for firms. *Marketing Science* 12(2), 125-143.
# - Jones, T. O. & Sasser, W. E. (1995). Why satisfied customers defect. *Harvard Business Review* 73(6), 88-99.
# - Keiningham, T. L. et al. (2011). Customer loyalty isn't enough. Grow your share of wallet. *Harvard Business Review* 89(10), 29-31.
#
# ## Concepts taught
#
# - **12** Service before, during and after the sale: the promise, the experience, what follows. This lesson has the first two.
# - **13** Before the transaction: policies and mission statements are promises, and promises are expectations.
# - **16** Loyal customers buy other product lines: in the model a chance at each purchase, higher at a higher level of relationship; loyalty as such has no part in it.
# - **22** Companion analyses: satisfaction, loyalty and morale side by side.
# - **39** Share of mind, of customers and of wallet: three shares of the same dealers.
# - **54** "Loyal customers cost less": here they do not by themselves; the claim `loyal_customers` takes it apart.
# - **55** Loyalty as experience: customers who learn need less service; the mechanism `channels` can have it, this lesson's market does not.
# - **60** Share of customer spending: `share_of_wallet`.
# - **61** Retention as a percentage: it says nothing where there was no occasion to leave.
# - **64** The price premium: what customers pay above the other firms they know, by loyalty.
# - **69** What customers perceive as value added: belief, what they expect of a firm after what they had and heard.
# - **84** Experience that is staged raises involvement and expectation: the promise is its price.
