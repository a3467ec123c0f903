# %% [markdown]
# # 5. Word of mouth
#
# **The question.** Each unhappy customer tells ten people. What does that do?
#
# | minutes | what |
# |---|---|
# | 0 to 10 | Opening: whom did you tell about your last bad meal? And about the last good one? |
# | 10 to 20 | Theory in brief |
# | 20 to 45 | The experiment: silence, ten people, twenty; friends, and everybody online |
# | 45 to 65 | Exercises with your own numbers |
# | 65 to 75 | Debrief |

# %%
import pandas as pd

import sim

streets = {tells: sim.run("two_cafes", change={"talk.unhappy_tells": tells}) for tells in (0, 3, 10, 20)}
guests = pd.DataFrame({tells: street.firms.customers for tells, street in streets.items()}).T
guests.rename_axis("an unhappy guest tells")

# %%
guests.plot(
    marker="o",
    xlabel="people that an unhappy guest tells",
    ylabel="guests after 36 months",
    title="Louder talk, closer cafés",
);
# %%
news = {
    tells: street.months.query("month > 24").groupby("firm")[["told_bad", "reached_bad"]].sum().sum()
    for tells, street in streets.items()
}
news = pd.DataFrame(news).T
news.assign(tellings_a_hearer=news.told_bad / news.reached_bad).round(2)

# %% [markdown]
# ## Theory in brief
#
# "Each unhappy customer tells ten people" goes back to studies of complaints for the White House Office of Consumer Affairs (TARP 1979/1986): the *median* was near ten,
# a good eighth told more than twenty. Good news travels less far; three people is what is usually said. Both numbers are folklore by now (Goodman 2006).
#
# What news does depends on more than how many are told. Some hear it twice (*overlap*). Bad news weighs more than good (Arndt 1967, *Journal of Marketing
# Research* 4(3) 291-295). Who is a customer believes own experience first. Good news makes the firm *known*; bad news makes nobody come. And a customer who brings others is worth
# more than he spends: his *referral value* (Kumar, Petersen & Leone 2007, *Harvard Business Review* 85(10) 139-146).
#
# Online, telling reaches strangers, and what is posted stays and is read again, where spoken words fade. Newsgroups, boards and chat rooms were the first such places.
# A *community* around a brand ties customers to each other. It carries both kinds of news.

# %% [markdown]
# ## The experiment
#
# **Who stays, and why.** Retention of both cafés as talk gets louder.

# %%
pd.DataFrame({tells: street.firms.annual_retention for tells, street in streets.items()}).T.round(2)

# %% [markdown]
# **Friends only.** Four lines take the place of the stage `talk`: the unhappy tell three friends, the happy one.


# %%
def friends_only(market):
    c = market.customers
    market.tell(c.mood < 0, people=3, news="bad", online=0)
    market.tell(c.mood > 0, people=1, news="good", online=0)


pair = sim.compare("two_cafes", {"as it is": {}, "friends only": {"swap": {"talk": friends_only}}}, seeds=2)
pair.headline

# %% [markdown]
# **Where they tell it.** All telling among friends, or nearly all of it online, among strangers of the market.

# %%
places = {}
for online in (0.0, 0.2, 0.9):
    run = sim.run("two_cafes", change={"talk.online": online})
    last = run.months.query("month > 24").groupby("firm")[["told_bad", "reached_bad"]].sum().sum()
    places[online] = [
        last.told_bad,
        last.reached_bad,
        last.told_bad / last.reached_bad,
        run.firms.customers["Corner"],
    ]
pd.DataFrame(
    places, index=["bad tellings", "people reached", "tellings a hearer", "guests of Corner"]
).T.round(2)

# %% [markdown]
# **Who brought whom.** What Corner earns with guests that others sent, and whom it would credit most.

# %%
origin = sim.metrics.revenue_by_origin(streets[10])
origin.query("firm == 'Corner' and customers > 0").round(0)

# %%
sim.metrics.credited_referral_value(streets[10]).query("firm == 'Corner'").head(3).round(0)

# %% [markdown]
# **A community.** Ridge hosts a club of its customers, or not; with the quality that it has, and with a worse one.

# %%
clubs = {}
for name, change in (("as it is", {}), ("worse boots", {"firms.Ridge.quality": -0.4})):
    for club, closed in (("club", {}), ("no club", {"firms.Ridge.policy": "status_quo", "mechanisms.community.firms.Ridge.hosting": 0})):
        run = sim.run("community_brand", change=change | closed)
        months = run.months.query("firm == 'Ridge'")
        clubs[name, club] = [months.reached_good.sum(), months.reached_bad.sum(), run.firms.customers["Ridge"], run.firms.customer_equity["Ridge"]]
clubs = pd.DataFrame(clubs, index=["heard good", "heard bad", "customers", "customer equity"]).T
clubs.round(0)

# %% [markdown]
# ### Things to notice
#
# - With the club more people hear good news of Ridge (28,054 hearings in 48 months instead of 15,313) *and* more hear bad news (21,872 instead of 17,289). On balance it has 59 customers more, and more equity. With worse boots the club
#   still helps, and a third more bad news is heard than of the good boots: the same ties carry both.
# - With louder talk Corner *loses* guests, from 297 at silence to 270 at twenty, though it is the better café: everybody hears bad news about it as well. Express gains.
# - And with louder talk both cafés *keep* more of their guests, up to a point: 75 % at silence, 84 % at ten for Corner. Bad news about the café where one is not makes one stay.
#   So the number of guests and retention may move in opposite directions. Whoever looks at one of them only is misled.
# - Twenty people told are twice as many tellings as ten, but not twice as many hearers: each of them hears the news 2.1 times instead of 1.5.
# - *Friends only* changes who has heard what, and with two kinds of luck nothing can be said about its effect: the interval reaches from far below to far above 0. An effect that is not seen is not shown
#   to be absent. Take more seeds.
# - Online or among friends: on a street of 500 people it hardly matters here. A pattern that one would expect (strangers are reached anew, friends hear it twice) does **not** emerge in these numbers:
#   each tells ten people, who are a small part of the street either way. Where would it matter?
# - 35 of Corner's 282 guests were won by a referral. Half came by themselves. The guest who is credited most brought one other guest. Some of those would have come anyway.
#
# ## Exercises
#
# Put your student id between the quotes. Your street has its own luck, and its own number of people told. **Guess first.**

# %%
own = sim.teach.start("lesson05", student="")
own

# %%
q1 = None  # (low, high)
sim.teach.check("lesson05.q1", q1)

# %%
q2 = None
sim.teach.check("lesson05.q2", q2)

# %%
q3 = None
sim.teach.check("lesson05.q3", q3)

# %%
q4 = None
sim.teach.check("lesson05.q4", q4)

# %%
q5 = None  # "sentences of yours"
sim.teach.check("lesson05.q5", q5)

# %% [markdown] tags=["solution"]
# ## Solutions, with other numbers
#
# For seed 5 and two people told. **q2**: the same seed in both runs, so that the guests are the same people; silent less talking. **q3**: sums first, then the
# quotient. The mean of monthly quotients would give quiet months too much weight. **q4**: the difference of two cells of the tables of firms, in points.

# %% tags=["solution"]
two, none = (sim.run("two_cafes", seed=5, change={"talk.unhappy_tells": tells}) for tells in (2, 0))
express = two.months.query("firm == 'Express' and month > 24")
(
    none.firms.customers["Corner"] - two.firms.customers["Corner"],
    express.told_bad.sum() / express.reached_bad.sum(),
    100 * (none.firms.annual_retention["Corner"] - two.firms.annual_retention["Corner"]),
)

# %% [markdown] tags=["solution"]
# **q5.** Bad news about *one* firm lowers what people think of it. But everybody hears bad news about *all* firms, and of the others they have nothing else to go by. The
# firm where one is, is known from experience, and weighs hearsay down. So all the others look worse, and one stays.

# %% [markdown]
# ## Debrief
#
# 1. Whose forecast had the wrong sign? What did you have in mind?
# 2. Is a firm right to fear every complaint that is posted? Which of these numbers would you want to know first?
# 3. A firm rewards referrals. Which of the tables tells whether it pays, and what does that table not know?
#
# ## To read
#
# - TARP (1979/1986). *Consumer Complaint Handling in America*. White House Office of Consumer Affairs.
# - Goodman, J. (2006). Manage complaints to enhance loyalty. *Quality Progress* 39(2), 28-34.
# - Arndt, J. (1967). Role of product-related conversations in the diffusion of a new product. *Journal of Marketing Research* 4(3), 291-295.
# - Kumar, V., Petersen, J. A. & Leone, R. P. (2007). How valuable is word of mouth? *Harvard Business Review* 85(10), 139-146.
#
# ## Concepts taught
#
# - **63** Referral revenue: what comes from guests that others sent, by origin.
# - **65** "Each unhappy customer tells ten people": a lever, from 0 to 20.
# - **66** Venues of electronic word of mouth: the share that is told online, among strangers.
# - **78** Fostering community: more ties among customers carry news of both signs: the club of Ridge.
