# %% [markdown]
# # 6. Service, complaints and recovery
#
# **The question.** Is a complaint a cost or a chance?
#
# | minutes | what |
# |---|---|
# | 0 to 10 | Opening: the last time something went wrong. Did you say so? To whom? |
# | 10 to 20 | Theory in brief |
# | 20 to 45 | The experiment: who speaks up, what an answer does, what it costs |
# | 45 to 65 | Exercises with your own numbers |
# | 65 to 75 | Debrief |

# %%
import pandas as pd

import sim

world = {"market.customers": 1000, "market.months": 36, "firms.North.reliability": 0.9}
levels = ("basic", "reactive", "accountable", "proactive", "partnership")
heard = {}
for level in levels:
    run = sim.run("plain", change=world | {"firms.North.plan.level": level})
    last = run.months.query("firm == 'North' and month == 36").iloc[0]
    heard[level] = [
        last.complaint_rate,
        last.recovery_of_failures,
        last.annual_retention,
        run.firms.profit["North"],
    ]
heard = pd.DataFrame(heard, index=["failures voiced", "failures resolved", "kept in a year", "profit"]).T
heard.round(2)

# %%
heard["failures voiced"].plot.bar(
    rot=0, ylabel="share of failures that the firm hears of", title="Most failures are silent"
);
# %%
sim.show.equation("serve.chance_voice", severity=(0, 6), heard=[0.05, 0.35, 0.65]);
# %% [markdown]
# ## Theory in brief
#
# Most unhappy customers say nothing to the firm: a few percent speak up about a small nuisance, two thirds about a large loss (Goodman & Newman 2003, *Quality Progress*). They tell
# others, and leave. A complaint that is resolved, and quickly, leaves a customer about as loyal as one who never had a failure (TARP 1986). Whether he becomes *more* loyal (the
# "recovery paradox") is doubtful (de Matos, Henrique & Rossi 2007, *Journal of Service Research* 10(1) 60-77).
#
# So there are three levers: fail less (streamline the process, train and motivate those who serve), hear more (make it easy to complain, call after the sale, one
# view of the customer for all who speak to him), answer better and faster. What is learned from complaints belongs back into the process: the loop that makes tomorrow's failures fewer.
#
# Service takes people. When the load is above the capacity all customers feel it; so whom to serve first is a decision. Customers may also help themselves: it saves
# work, and it takes away the talk from which trust grows.

# %% [markdown]
# ## The experiment
#
# **The four answers**, each within a day and within two weeks. North calls after the sale, so that it hears of half of its failures.

# %%
answers = {}
for recovery in ("none", "apology", "refund", "compensation"):
    for days in (1, 14):
        plan = {
            "firms.North.plan.level": "accountable",
            "firms.North.plan.recovery": recovery,
            "firms.North.plan.reply_days": days,
        }
        answers[recovery, days] = sim.run("plain", change=world | plan).firms.loc[
            "North", ["customers", "annual_retention", "profit", "customer_equity"]
        ]
pd.DataFrame(answers).T.rename_axis(["answer", "days"]).round(2)

# %% [markdown]
# **Is it luck?** One run is one history. The same answers, each within a day, with ten kinds of luck: profit of the last year, beside an apology.

# %%
paid = sim.compare(
    "plain",
    {"apology": {}}
    | {
        answer: {"change": {"firms.North.plan.recovery": answer}} for answer in ("none", "refund", "compensation")
    },
    firm="North",
    seeds=10,
    change=world | {"firms.North.plan.level": "accountable", "firms.North.plan.reply_days": 1},
).table.query("metric == 'profit' and firm == 'North' and difference != 0")
paid.set_index("alternative")[["difference", "low", "high"]].round(0)

# %% [markdown]
# **Three levers.** Fail less (0.95 instead of 0.90), hear more (level accountable), answer better (refund in a day).

# %%
levers = sim.compare(
    "plain",
    {
        "as it is": {},
        "fail less": {"change": {"firms.North.reliability": 0.95}},
        "hear more": {"change": {"firms.North.plan.level": "accountable"}},
        "answer better": {
            "change": {"firms.North.plan.recovery": "refund", "firms.North.plan.reply_days": 1}
        },
    },
    firm="North",
    seeds=2,
    change=world,
)
levers

# %% [markdown]
# **Staff.** The same firm with half of the agents that it needs, and with three times the training.

# %%
crew = {}
for name, change in (
    ("as many as the load takes", {}),
    ("half of them", {"firms.North.plan.staff": 0.15}),
    ("three times the training", {"firms.North.plan.training": 600}),
    ("half of the service by themselves", {"firms.North.plan.self_service": 0.5}),
):
    run = sim.run("plain", change=world | change)
    last = run.months.query("firm == 'North' and month == 36").iloc[0]
    crew[name] = [
        last.utilization,
        last.morale,
        last.skill,
        last.trust,
        last.annual_retention,
        run.firms.profit["North"],
    ]
pd.DataFrame(crew, index=["utilization", "morale", "skill", "trust", "kept in a year", "profit"]).T.round(2)

# %% [markdown]
# ### Things to notice
#
# - Of North's failures 3 % are voiced to a firm that only sells, 52 % to one that calls after the sale. Even a partner does not hear of one in seven.
# - Hearing costs. The level accountable has the best profit; one level up, the calls eat it all, though more is heard and more customers stay.
# - In the table of one run an answer seems worth more than its price up to a refund. With ten kinds of luck two things are sure: no answer earns 885 EUR less than an apology, and compensation, which keeps the most
#   customers, 1,502 EUR less. Whether a refund beats an apology cannot be told. Whether a quick answer pays, you can try in the same way.
# - Of the three levers, *hear more* raises customer equity most, and answering better *does nothing at all* here: at the level reactive only a quarter of the failures is heard, and the best answer cannot
#   reach the others. Levers multiply. (With two kinds of luck the intervals are wide: take more before you bet on it.)
# - Too few agents: overload makes failures and a worse experience for everybody, morale falls, and customers go. Training raises morale and skill and, at this price, not the profit. Self-service saves work and
#   earns more here; trust is lower.
#
# ## Exercises
#
# Put your student id between the quotes. Your North fails with its own chance.

# %%
own = sim.teach.start("lesson06", student="")
own

# %%
q1 = None  # (low, high)
sim.teach.check("lesson06.q1", q1)

# %%
q2 = None
sim.teach.check("lesson06.q2", q2)

# %%
q3 = None
sim.teach.check("lesson06.q3", q3)

# %%
q4 = None  # "none", "apology", "refund" or "compensation"
sim.teach.check("lesson06.q4", q4)

# %%
q5 = None  # "sentences of yours"
sim.teach.check("lesson06.q5", q5)

# %% [markdown] tags=["solution"]
# ## Solutions, with other numbers
#
# For seed 5 and a reliability of 0.8. **q1 and q2** stand in North's last month; the last twelve months are in them. **q3** is a difference of two runs with the same
# luck. **q4** compares four runs by customer equity: which answer keeps the most customers says nothing of what they cost.

# %% tags=["solution"]
runs = {
    recovery: sim.run(
        "plain",
        seed=5,
        change={
            "market.customers": 1000,
            "market.months": 36,
            "firms.North.reliability": 0.8,
            "firms.North.plan.level": "accountable",
            "firms.North.plan.recovery": recovery,
        },
    )
    for recovery in ("none", "apology", "refund", "compensation")
}
last = runs["refund"].months.query("firm == 'North' and month == 36").iloc[0]
(
    100 * last.recovery_of_failures,
    100 * last.complaint_rate,
    runs["refund"].firms.profit["North"] - runs["none"].firms.profit["North"],
    {recovery: round(run.firms.customer_equity["North"]) for recovery, run in runs.items()},
)

# %% [markdown] tags=["solution"]
# **q5.** A good answer asks how severe the failures are and who has them: small ones are hardly voiced, and the best answer does not reach the silent. Failing less helps all of them, also those
# who never speak; it depends on what it costs.

# %% [markdown]
# ## Debrief
#
# 1. A manager is proud of few complaints. Which two numbers do you ask for?
# 2. Which lever was best here, and what would its price have to be for another one to win?
# 3. What does a firm lose when customers help themselves, and when would you still do it?
#
# ## To read
#
# - TARP (1986). *Consumer Complaint Handling in America: An Update Study*. White House Office of Consumer Affairs.
# - Goodman, J. & Newman, S. (2003). Understand customer behavior and complaints. *Quality Progress* 36(1), 51-55.
# - de Matos, C. A., Henrique, J. L. & Rossi, C. A. V. (2007). Service recovery paradox: a meta-analysis. *Journal of Service Research* 10(1), 60-77.
# - Heskett, J. L. et al. (1994). Putting the service-profit chain to work. *Harvard Business Review* 72(2), 164-174.
#
# ## Concepts taught
#
# - **9** Key customers first: when capacity is short, whom you serve first matters.
# - **19** Several contact points that contradict each other: a complaint that is told twice is a second failure.
# - **25** What customers tell belongs to all departments: design and process, not campaigns alone.
# - **31** The three legs of CRM: marketing, sales and service; this is the third.
# - **52** The feedback loop: complaints and surveys that make later failures fewer.
# - **72** Owning the customer's total experience: every step that fails is yours in the customer's eyes.
# - **73** Streamlining processes: fail less, at every step.
# - **74** One view of the customer within the firm: no complaint is lost between two desks.
# - **75** Letting customers help themselves: less work, less trust.
# - **86** Individual pull: forms, mail and portals by which customers reach the firm; faster answers recover more.
# - **113** Best processes and motivated employees: training, morale and skill.
