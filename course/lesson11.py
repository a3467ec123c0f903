# %% [markdown]
# # 11. Identify, differentiate, interact, customize
#
# **The question.** What can a small shop do with a list of purchases?
#
# | minutes | what |
# |---|---|
# | 0 to 10 | Opening: what does your bakery know about you? And your supermarket? |
# | 10 to 20 | Theory in brief |
# | 20 to 45 | The experiment: an RFM cube, rules, a maker who knows nobody, and a rule of your own |
# | 45 to 65 | Exercises with your own numbers |
# | 65 to 75 | Debrief |

# %%
import pandas as pd

import sim

shop = sim.run("web_shop")
cells = sim.metrics.rfm_cells(shop).query("firm == 'Pulse'")
cells.sort_values("spent", ascending=False).head(8).round(0)

# %%
cube = cells.groupby(["recency", "frequency"]).spent.sum().unstack()
cube.round(0)

# %%
by_sum = (
    cells.assign(score=cells.recency.astype(int) + cells.frequency.astype(int) + cells.monetary.astype(int))
    .groupby("score")[["customers", "spent"]]
    .sum()
)
(by_sum / by_sum.sum()).plot.bar(
    rot=0,
    xlabel="recency + frequency + monetary, 3 to 15",
    ylabel="share",
    title="A few cells hold the money",
);
# %% [markdown]
# ## Theory in brief
#
# Peppers & Rogers (1993) give four steps: *identify* customers one by one, *differentiate* them by value and by need, *interact* with them, *customize* what they get. Each needs the one before: what is not identified cannot be fitted. (Some texts
# leave the third out. But it is by interaction that the profile grows.)
#
# Identification comes from the sales force, from encounters, scanners, web logs, what people tell, and tracking. Each source has its coverage, cost, delay and consent. The smallest firm has one: a database behind its shop that says who bought what, when, how often, and whether it was paid.
#
# *RFM* cuts customers into fifths by recency, frequency and monetary value (Hughes 1994, *Strategic Database Marketing*). It describes the past; a model such as BG/NBD turns the same three numbers into a forecast (Fader, Hardie & Lee 2005, *Journal of Marketing Research* 42(4)
# 415-430). Data mining in real time shortens the time between the event and the reaction; how good the prediction is depends on how fresh and how many the data are.
#
# A *rule* says: if this has happened, do that. *Recommendation* does it by similarity: who bought this also bought that (collaborative filtering). Offers after the first purchase either add a related product (*cross-selling*) or a better one (*up-selling*).

# %% [markdown]
# ## The experiment
#
# **The rules that Pulse has**, and how often each fired.

# %%
shop.rules[["rule", "if", "then", "fired"]]

# %% [markdown]
# **Whom does one know at all?** Sohle makes shoes. A retailer sells them, keeps 30 %, and says how many went, not to whom. Or Sohle opens a shop of its own, for half of the people or for all.

# %%
direct = {}
for share in (0.0, 0.5, 1.0):
    run = sim.run("behind_the_retailer", change={"mechanisms.intermediary.firms.Sohle.direct": share})
    last = run.months.query("firm == 'Sohle'").iloc[-1]
    direct[share] = [last.known_customers, last.customers, last.loyalty, run.firms.annual_retention["Sohle"], run.firms.customer_equity["Sohle"]]
direct = pd.DataFrame(direct, index=["known by name", "customers", "loyalty", "kept in a year", "customer equity"]).T.rename_axis("direct")
direct.round(2)

# %% [markdown]
# **A policy of your own** sees what a firm may see. This one calls the best fifth after the sale (as Pulse does), and writes more to those who order often.


# %%
class ByTheBook(sim.Policy):
    """Call the best fifth; write four times to who orders often, once to all others."""

    def decide(self, view):
        book = view.customers
        plan = sim.Plan(level="reactive", messages=1)
        return plan.where(book.value_rank > 0.8, level="accountable").where(book.frequency >= 6, messages=4)


class ToAll(sim.Policy):
    """The same for everybody."""

    def decide(self, view):
        return sim.Plan(level="reactive", messages=2)


ways = sim.compare(
    "web_shop", {"as it is": {}, "by the book": ByTheBook(), "the same for all": ToAll()}, seeds=2
)
ways

# %% [markdown]
# **Whom to call.** The same effort (the level *proactive* for a tenth of the customers), given to the tenth who spend the most, the tenth with the highest forecast value, or a tenth picked without looking.


# %%
class Tenth(sim.Policy):
    """Proactive care for a tenth of the customers, by one column of the records."""

    def __init__(self, by):
        self.by = by

    def decide(self, view):
        book = view.customers
        plan = sim.Plan(level="reactive")
        if self.by == "chance":
            return plan.where(view.customers.ids % 10 == 0, level="proactive")
        worth = pd.Series(getattr(book, self.by)).rank(pct=True).to_numpy()
        return plan.where(worth > 0.9, level="proactive")


whom = sim.compare(
    "plain",
    {
        "nobody": {},
        "by chance": Tenth("chance"),
        "by spend": Tenth("recent_spend"),
        "by forecast value": Tenth("clv"),
    },
    firm="North",
    seeds=2,
    months=36,
    change={"market.customers": 2000},
)
whom

# %% [markdown]
# **Second products.** The bank branch without any cross-selling.

# %%
branch = {
    name: sim.run("bank_branch", change={"market.customers": 1500} | change).firms.loc[
        "Marktbank", ["revenue", "profit"]
    ]
    for name, change in (("with", {}), ("without", {"buy.cross_sell": 0}))
}
pd.DataFrame(branch).T.round(0)

# %% [markdown]
# **Who bought this also bought that.** A shop in a marketplace shows each buyer one more item: by chance, the best seller, or what goes with the items that the person has.

# %%
shown = {}
for method in ("random", "best_seller", "collaborative"):
    run = sim.run("agent_marketplace", change={"firms.Sage.policy": "status_quo", "mechanisms.recommendation.firms.Sage.method": method})
    last = run.months.query("firm == 'Sage' and month > 24")
    shown[method] = [last.hit_rate.mean(), last.diversity.mean()]
shown = pd.DataFrame(shown, index=["hit rate", "different items shown"]).T
shown.round(3)

# %% [markdown]
# ### Things to notice
#
# - The best seller is bought about as often as what collaborative filtering picks (7 in a hundred), twice as often as an item by chance. But filtering shows three times as many different items: the best seller makes all baskets alike.
# - Behind the retailer Sohle knows nobody: not one of the rules of this lesson could be written. Direct to all, it has 993 customers instead of 996, knows each, and is worth nearly three times as much: it keeps the margin and the
#   loyalty. Half direct, it has 62 fewer: the retailer is angry about the shop, and not all of its customers come along. (How much loyalty stays with a retailer is an *input*.)
# - Seventeen customers, the cell 555, stand for 30 % of all spend on record. The 17 % of the customers whose digits add up to 13 or more stand for 68 %.
# - *By the book* does with six lines what Pulse's own policy does, and comes out one or two percent below it. The same for all is worth a fifth less: knowing whom to call pays here.
# - Care for a tenth picked by chance costs more than it brings. The same care for the tenth who spend the most, or who are forecast the most, brings 14 % more equity (within the luck tried, an interval that includes 0).
# - Spend and forecast value pick nearly the same people. A cleverer column does **not** beat a simple one here. The claim `favour_best` tries it at full size, and cannot decide either.
# - Without second products the branch loses a third of its revenue and most of its profit: in that market cross-selling is the business.
#
# ## Exercises
#
# Put your student id between the quotes. Your Pulse fits its mail with an effort of its own, and your Sohle has a shop of its own size.

# %%
own = sim.teach.start("lesson11", student="")
own

# %%
q1 = None  # (low, high)
sim.teach.check("lesson11.q1", q1)

# %%
q2 = None
sim.teach.check("lesson11.q2", q2)

# %%
q3 = None
sim.teach.check("lesson11.q3", q3)

# %%
q4 = None
sim.teach.check("lesson11.q4", q4)

# %%
q5 = None
sim.teach.check("lesson11.q5", q5)

# %%
q6 = None  # "sentences of yours"
sim.teach.check("lesson11.q6", q6)

# %% [markdown] tags=["solution"]
# ## Solutions, with other numbers
#
# For seed 5 and no fit at all. **q2** is one cell of `rules`. **q3** one row of the cube. **q4** two sums. **q5**, for Sohle direct to 0.9 of the people: a share times a number, both of its last month.

# %% tags=["solution"]
plain_mail = sim.run("web_shop", seed=5, change={"firms.Pulse.plan.personalization": 0.0})
cube = sim.metrics.rfm_cells(plain_mail).query("firm == 'Pulse'")
score = cube.recency.astype(int) + cube.frequency.astype(int) + cube.monetary.astype(int)
(
    int(plain_mail.rules.query("firm == 'Pulse' and rule == 3").fired.iloc[0]),
    int(cube.query("recency == 5 and frequency == 5 and monetary == 5").customers.sum()),
    100 * cube[score >= 13].spent.sum() / cube.spent.sum(),
)
# %% tags=["solution"]
shoes = sim.run("behind_the_retailer", seed=5, change={"mechanisms.intermediary.firms.Sohle.direct": 0.9})
sohle = shoes.months.query("firm == 'Sohle'").iloc[-1]
sohle.known_customers * sohle.customers

# %% [markdown] tags=["solution"]
# **q6.** Leave some of those who lapsed without an offer, chosen by chance, and compare how many of each group return: the difference is what the offer does. In the simulation the twin without offers says it: `sim.metrics.win_back_lift(run)`.

# %% [markdown]
# ## Debrief
#
# 1. Which of the four steps does your own firm leave out?
# 2. The best customers of the past, or those whom a call would change: whom should one call?
# 3. Which rule would you not want to be on the other side of?
#
# ## To read
#
# - Peppers, D. & Rogers, M. (1993). *The One to One Future*. Doubleday.
# - Hughes, A. M. (1994). *Strategic Database Marketing*. Probus.
# - Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). RFM and CLV. *Journal of Marketing Research* 42(4), 415-430.
# - Linden, G., Smith, B. & York, J. (2003). Amazon.com recommendations. *IEEE Internet Computing* 7(1), 76-80.
#
# ## Concepts taught
#
# - **1** Cross-selling: second products, and what the branch would be without them.
# - **2** Up-selling: the dearer version, a second chance at each purchase.
# - **17** Before the web intermediaries owned the customer: who does not know his customers can do none of the four steps.
# - **23** Identify, differentiate, interact, customize: each step needs the one before.
# - **35** From the profile to the offer: who hears what, by what is on record.
# - **37** Decision rules: if an event, then an action; and how often each fires.
# - **44** Identification: sources of what a firm knows of whom.
# - **46** Data mining and real time: `clv`, the firm's own forecast, each month.
# - **47** RFM analysis: the cube.
# - **51** Customizing the mix: level, message and price for each person.
# - **77** Personalized service: for the best fifth.
# - **79** Push by collaborative filtering: who bought this also bought that.
# - **123** CRM in a small firm: a database and a web shop.
