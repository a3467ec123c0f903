# %% [markdown]
# # 8. Permission, personalization and privacy
#
# **The question.** What is a yes worth?
#
# | minutes | what |
# |---|---|
# | 0 to 10 | Opening: open your mailbox. Whose mail did you ask for? |
# | 10 to 20 | Theory in brief |
# | 20 to 45 | The experiment: with and without permission, more and less, fitted and not |
# | 45 to 65 | Exercises with your own numbers |
# | 65 to 75 | Debrief |

# %%
import pandas as pd

import sim

STRATEGIES = ("silent", "opt_out", "interruption", "opt_in", "double_opt_in")
world = {
    "market.customers": 2000,
    "market.months": 36,
    "firms.North.plan.personalization": 0.7,
    "firms.North.plan.messages": 4,
}
mail = {name: sim.run("plain", change=world | {"firms.North.plan.strategy": name}) for name in STRATEGIES}
north = {name: run.months.query("firm == 'North'").set_index("month") for name, run in mail.items()}
pd.DataFrame(
    {
        name: [
            n.profit[:6].sum(),
            n.profit[24:].sum(),
            n.customer_equity[36],
            n.permission_base[36],
            n.reachable[36],
        ]
        for name, n in north.items()
    },
    index=["profit, months 1 to 6", "profit, year 3", "customer equity", "said yes", "mailed"],
).T.round(0)

# %%
reads = pd.DataFrame({name: n.read_rate for name, n in north.items() if name != "silent"})
reads.plot(
    xlabel="month",
    ylabel="share of recipients who read something",
    title="Who is asked reads; who is not stops reading",
);
# %%
pd.DataFrame(
    {
        name: [n.deliverability[36], n.opt_out_rate[36], n.report_rate[36], n.trust[36]]
        for name, n in north.items()
    },
    index=["deliverability", "opt out a month", "reported as spam", "trust"],
).T.round(4)

# %% [markdown]
# ## Theory in brief
#
# *Interruption* buys attention that nobody offered; *permission* asks first, and speaks to those who said yes: anticipated, personal and relevant messages (Godin 1999). Consent has steps: none, yes
# (opt-in), confirmed (double opt-in), more with each good experience; and it can be withdrawn. Sending costs next to nothing, *attention* does not: what everybody sends crowds out what anybody reads.
# Providers of mailboxes hold back the mail of who is reported too often, wanted mail as well.
#
# *Targeting* decides who gets a message, *personalization* picks from ready modules what fits, *customization* makes one for each. Fit and cost rise in this order. What fits is known from a *profile*: name, purchases,
# complaints, what was read; what was captured in a lasting dialogue is worth more than a single campaign or survey. Cookies and logs add to it at almost no cost, and without asking.
#
# People give data where they expect better service and trust the firm (and do not always do what they say: the "privacy paradox"). A site should therefore say what is collected, by whom, for what use, with whom it is
# shared, how one opts out, how it is secured and kept up to date: *policy, notice, consent, security* (the four principles of seals such as TRUSTe). Codes such as that of the American Marketing Association turn this into duty. What access
# costs in trust is softened by transparency and control (Martin, Borah & Palmatier 2017, *Journal of Marketing* 81(1) 36-58).

# %% [markdown]
# ## The experiment
#
# **More mail.** The same North sends 1 to 16 messages a month, asked or unasked.

# %%
more = {}
for strategy in ("opt_in", "interruption"):
    for messages in (1, 4, 16):
        run = sim.run(
            "plain",
            change=world
            | {
                "firms.North.plan.strategy": strategy,
                "firms.North.plan.messages": messages,
                "market.customers": 1000,
            },
        )
        last = run.months.query("firm == 'North' and month == 36").iloc[0]
        more[strategy, messages] = [
            last.read_rate,
            last.opt_out_rate,
            last.permission_base,
            last.deliverability,
            last.customer_equity,
        ]
pd.DataFrame(
    more, index=["read rate", "opt out a month", "said yes", "deliverability", "customer equity"]
).T.round(3)

# %% [markdown]
# **Fitted.** The web shop sends the same mail to all, picks from eight modules, or makes one for each; and it rewards a yes, or not.

# %%
fits = sim.compare(
    "web_shop",
    {
        "modules": {},
        "one for all": {"change": {"firms.Pulse.plan.tailoring": "targeting"}},
        "one for each": {"change": {"firms.Pulse.plan.tailoring": "customization"}},
        "no reward for a yes": {"change": {"firms.Pulse.plan.incentive": 0}},
    },
    seeds=2,
    months=36,
)
fits

# %%
sim.show.equation("buy.chance_yes", trust=(0, 1), incentive=0, privacy_concern=[0.1, 0.5, 0.9]);
# %% [markdown]
# **A breach.** In month 25 Glance's data leak. Once it is as careless as it is, once it says what it does with data and lets people choose (policy `guards_privacy`).

# %%
leaks = {}
for name, change in (("careless", {}), ("careful", {"firms.Glance.policy": "guards_privacy"})):
    glance = sim.run("privacy_breach", change=change).months.query("firm == 'Glance'").set_index("month")
    leaks[name] = [glance.permission_base[24], glance.trust[24], glance.trust[25], glance.customers[24], glance.customers[48], glance.profit.sum(), glance.ethics_points[48]]
leaks = pd.DataFrame(leaks, index=["said yes before", "trust before", "trust after", "customers before", "customers 2 years on", "profit, 4 years", "ethics points"]).T
leaks.round(2)

# %% [markdown]
# ### Things to notice
#
# - The leak takes a third of the trust in the careless Glance (0.46 to 0.30) and less than a tenth in the careful one. The careful one had more yeses before, and has 29 more customers two years on.
# - Its profit over the four years is about the same, here a little lower, in other runs a little higher: care costs from the first month, and the breach came only in the third year. What would you count besides profit? The ledger of ethics stands beside it
#   (points against, fewer are better).
# - Half a year long interruption earns the most: 18,487 EUR against 16,364 with permission. In the third year it earns the least. Whoever decides by the first quarter decides wrongly.
# - It mails 1,337 people, opt_in 116, and more of the 116 read something. Less than half of interruption's mail still arrives; its own customers trust it half as much.
# - The permission base of opt_in is *smaller* than that of the firm which stays silent: each message costs some yeses. A yes is a stock; mailing spends it, asking at each purchase refills it.
# - With permission four messages are about as good as one, and sixteen are worse: 14 % opt out a month. Without permission fewer is always better.
# - In equity two kinds of luck cannot tell modules, one mail for all and one for each apart: one for each fits better and costs more. Twenty can (`docs/claims.md`, modules): ten modules beat one for all by about 1 %, and
#   they beat one for each where a message of one's own costs more than 0.04 EUR (0.02 to 0.06); with three modules the border is 0.13 EUR. In this shop there are eight, and it costs 0.05 EUR: the famous sentence is neither shown nor
#   refuted here. Rewarding a yes matters little.
# - Trust moves the chance of a yes as much as concern about privacy does.
#
# ## Exercises
#
# Put your student id between the quotes. Your North shouts with a number of messages of its own, and somebody looks at its profit in a month of its own.

# %%
own = sim.teach.start("lesson08", student="")
own

# %%
q1 = None  # (low, high)
sim.teach.check("lesson08.q1", q1)

# %%
q2 = None
sim.teach.check("lesson08.q2", q2)

# %%
q3 = None
sim.teach.check("lesson08.q3", q3)

# %%
q4 = None  # "opt_in" or "interruption"
sim.teach.check("lesson08.q4", q4)

# %%
q5 = None  # "sentences of yours"
sim.teach.check("lesson08.q5", q5)

# %% [markdown] tags=["solution"]
# ## Solutions, with other numbers
#
# For seed 5 and twelve messages a month: two runs that differ in the strategy alone. Profit of a year is the sum of its months. **q4**, by month 18: the sum of the first eighteen.

# %% tags=["solution"]
twelve = {
    "market.customers": 1000,
    "market.months": 36,
    "firms.North.plan.personalization": 0.7,
    "firms.North.plan.messages": 12,
}
asked, shouted = (
    sim.run("plain", seed=5, change=twelve | {"firms.North.plan.strategy": s})
    for s in ("opt_in", "interruption")
)


def by_18(run):
    return round(run.months.query("firm == 'North' and month <= 18").profit.sum())


(
    100 * shouted.months.query("firm == 'North' and month == 36").deliverability.iloc[0],
    asked.months.query("firm == 'North' and month == 36").permission_base.iloc[0],
    asked.firms.profit["North"] - shouted.firms.profit["North"],
    {s: by_18(run) for s, run in (("opt_in", asked), ("interruption", shouted))},
)

# %% [markdown] tags=["solution"]
# **q5.** A good answer says that the first quarter is made by awareness (shouting makes known) while the costs come later, in fatigue, reports and lost brand. To be watched from the first month: deliverability and the read
# rate (or opt-outs); they fall before the profit does.

# %% [markdown]
# ## Debrief
#
# 1. Sending is free. Who pays?
# 2. All firms shout because the others do. What would have to change for one to stop?
# 3. What do you give a shop to know about you, and what did it promise?
#
# ## To read
#
# - Godin, S. (1999). *Permission Marketing*. Simon & Schuster.
# - Anderson, S. P. & de Palma, A. (2009). Information congestion. *RAND Journal of Economics* 40(4), 688-709.
# - Martin, K. D., Borah, A. & Palmatier, R. W. (2017). Data privacy: effects on customer and firm performance. *Journal of Marketing* 81(1), 36-58.
# - Ansari, A. & Mela, C. F. (2003). E-customization. *Journal of Marketing Research* 40(2), 131-145.
#
# ## Concepts taught
#
# - **3** Personalized communication signals care: relevance raises reading and lowers fatigue.
# - **4** Permission marketing: explicit consent in advance, with steps.
# - **26** From campaigns to lasting dialogue: each contact adds to the profile.
# - **30** Web profiles: what a firm knows of whom.
# - **33** Targeting, personalization, customization: three words for three costs.
# - **34** "Personalization is more important than customization": the table of fits.
# - **36** Cookies: profile at no cost, and without asking.
# - **80** Push by e-mail: message and timing chosen for the person.
# - **81** Permission against spam: the five strategies.
# - **85** Individual push: logs, real-time profiles and e-mail.
# - **88** Policy, notice, consent, security: the four principles.
# - **89** What a site must publish: what, who, use, sharing, opt-out, security, updating.
# - **90** The code of ethics: what is allowed is not all that is right.
# - **125** Electronic messages cost almost nothing, attention does.
# - **126** "Customers willingly give data": the curve of yes by trust and concern.
