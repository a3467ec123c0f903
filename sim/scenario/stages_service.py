"""The stage in which firms serve: load, experience, failure, complaint, recovery."""

from __future__ import annotations

from sim.scenario.table import Table, number, variant


class RecoveryTable(Table):
    """One way of answering a complaint."""

    chance: float = number(
        0.45,
        "chance that it succeeds, before skill",
        "chance",
        0.0,
        1.0,
        source="TARP 1979/1986 for the order; number ours",
        confidence="ours, fitted",
    )
    cost: float = number(0.0, "cost when it succeeds", "money", 0.0, 1e6)
    cost_share: float = number(0.0, "and share of the customer's mean spend this month", "share", 0.0, 10.0)


NoRecovery = variant(RecoveryTable, "NoRecovery", "none", chance=0.25)
Apology = variant(RecoveryTable, "Apology", "apology", chance=0.45, cost=2.0)
Refund = variant(RecoveryTable, "Refund", "refund", chance=0.7, cost_share=0.3)
Compensation = variant(RecoveryTable, "Compensation", "compensation", chance=0.85, cost_share=0.6)


class RecoveriesTable(Table):
    """The ways of answering a complaint."""

    none: NoRecovery = NoRecovery()  # type: ignore[valid-type]
    apology: Apology = Apology()  # type: ignore[valid-type]
    refund: Refund = Refund()  # type: ignore[valid-type]
    compensation: Compensation = Compensation()  # type: ignore[valid-type]


class ServeTable(Table):
    """Service: load, experience, failure, complaint, recovery, satisfaction."""

    agent_cost: float = number(3000.0, "pay of one service agent", "money a month", 0.0, 1e7)
    encounter_load: float = number(
        0.002,
        "staff time of one encounter of intensity 1",
        "agent-months",
        0.0,
        10.0,
        confidence="ours, fitted",
    )
    materials: float = number(1.0, "materials of one encounter of intensity 1", "money", 0.0, 1e6)
    self_service_relief: float = number(
        0.4, "share of load and materials that full self-service takes away", "share", 0.0, 1.0
    )
    base_capacity: float = number(0.7, "capacity of an agent without skill", "agent-months", 0.01, 10.0)
    skill_capacity: float = number(0.6, "capacity that full skill adds", "agent-months", 0.0, 10.0)
    target_load: float = number(0.9, "share of capacity that auto staff aims at", "share", 0.1, 2.0)
    staff_speed: float = number(0.3, "speed at which auto staff follows the load", "share a month", 0.0, 1.0)
    overload_failures: float = number(
        4.0, "failures that full overload adds, relative", "multiple", 0.0, 100.0, confidence="ours, fitted"
    )
    overload_quality: float = number(
        0.6, "experience lost to full overload", "utility", 0.0, 10.0, confidence="ours, fitted"
    )
    personal: float = number(
        0.4, "weight of skilled, motivated people in the experience", "utility", 0.0, 10.0
    )
    personal_norm: float = number(0.25, "skill times morale that is merely average", "share", 0.0, 1.0)
    noise: float = number(
        0.30, "spread of an experience without failure", "utility", 0.0, 10.0, confidence="ours, fitted"
    )
    severity: float = number(1.2, "mean severity of a failure (exponential)", "utility", 0.001, 20.0)
    loss_weight: float = number(
        2.2,
        "weight of a shortfall against an equal excess",
        "multiple",
        0.0,
        20.0,
        source="Anderson & Sullivan 1993 for the direction; size ours",
        confidence="ours",
    )
    own_norm_weight: float = number(
        0.5,
        "weight of the own belief in what is expected; the rest is the market's norm and the promise",
        "share",
        0.0,
        1.0,
        source="Oliver 1980; Cadotte, Woodruff & Jenkins 1987 for the form; number ours",
    )
    satisfaction_weight: float = number(
        0.3, "weight of the last encounter in satisfaction", "share", 0.0, 1.0
    )
    belief_rate: float = number(
        0.20, "weight of the last encounter in the belief", "share", 0.0, 1.0, confidence="ours, fitted"
    )
    norm_rate: float = number(0.1, "weight of this month in the market's norm", "share a month", 0.0, 1.0)
    unhappy_below: float = number(
        -1.2,
        "weighted disconfirmation below which an encounter makes unhappy",
        "utility",
        -20.0,
        0.0,
        confidence="ours, fitted",
    )
    happy_above: float = number(
        0.5,
        "weighted disconfirmation above which it makes happy",
        "utility",
        0.0,
        20.0,
        confidence="ours, fitted",
    )
    unhappy_pending: float = number(
        0.6, "chance that an unhappy encounter makes think again", "chance", 0.0, 1.0
    )
    unresolved_pending: float = number(
        0.3,
        "the same when it was a failure voiced and not resolved",
        "chance",
        0.0,
        1.0,
        confidence="ours, fitted",
    )
    happy_clears: float = number(0.6, "chance that a happy encounter ends thinking again", "chance", 0.0, 1.0)
    recoveries: RecoveriesTable = RecoveriesTable()
    recovery_skill: float = number(0.4, "weight of skill in the chance of recovery", "share", 0.0, 1.0)
    quick_days: float = number(7.0, "reply time at which 37 % of recoveries are quick", "days", 0.01, 1000.0)
    quick_satisfaction: float = number(
        0.35, "satisfaction gained by a quick recovery", "satisfaction", 0.0, 2.0, confidence="ours, fitted"
    )
    slow_satisfaction: float = number(
        0.20, "the same by a slow one", "satisfaction", 0.0, 2.0, confidence="ours, fitted"
    )
    quick_loyalty: float = number(
        0.08, "loyalty gained by a quick recovery", "loyalty", 0.0, 1.0, confidence="ours, fitted"
    )
    slow_loyalty: float = number(
        0.04, "the same by a slow one", "loyalty", 0.0, 1.0, confidence="ours, fitted"
    )
    quick_kept: float = number(
        0.5,
        "share of the change of belief that stays after a quick recovery",
        "share",
        0.0,
        1.0,
        confidence="ours, fitted",
    )
    slow_kept: float = number(0.75, "the same after a slow one", "share", 0.0, 1.0, confidence="ours, fitted")
    recovered_happy: float = number(0.3, "chance that a recovery makes happy", "chance", 0.0, 1.0)
    trust_loss_voiced: float = number(
        0.10, "share of trust lost to a failure voiced and not recovered", "share", 0.0, 1.0
    )
    trust_loss_silent: float = number(
        0.15, "share of trust lost to a failure that nobody heard of", "share", 0.0, 1.0
    )
    morale_rate: float = number(0.1, "speed of morale", "share a month", 0.0, 1.0)
    morale_base: float = number(0.6, "morale without training and overload", "share", 0.0, 1.0)
    morale_training: float = number(0.4, "morale that training adds at most", "share", 0.0, 1.0)
    training_scale: float = number(
        200.0, "training at which 63 % of its effect is reached", "money an agent-month", 0.01, 1e6
    )
    skill_gain: float = number(
        0.05, "skill gained a month by full training, times 1 - skill", "share a month", 0.0, 1.0
    )
    skill_loss: float = number(0.02, "share of skill lost a month", "share a month", 0.0, 1.0)
