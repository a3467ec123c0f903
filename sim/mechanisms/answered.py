"""What comes of failures that mechanisms add, in loops that call the equations of the stage `serve`.

`failing.py` reads this file when somebody is failed, so that who only reads tables waits for no compiled code.
"""

from __future__ import annotations

import numpy as np

from sim.behaviours.serve import chance_quick, chance_recovery, chance_voice
from sim.ledger import C
from sim.mechanisms.failing import SILENT, severity_of
from sim.mechanisms.frame import clip, columns, draw, enter, loop

_FAILURES, _VOICED, _RESOLVED, _QUICKLY = (
    C[name] for name in ("failures", "voiced", "resolved", "resolved_quickly")
)

FailedColumns = columns(
    "FailedColumns", "level", "bought", "visited", "month_spent_cents", "satisfaction", "loyalty", "trust", "belief",
    "hurt", "complaints", "failed", "month_profit_cents",
)  # fmt: skip


@loop
def fail_rows(
    c, firms, levels, p, given, who, of, harm, belief, month, code, key0, key1, answers, counts, line, ledger, signs, still
):  # fmt: skip
    """Failures of some customers, into ``answers``, a value a customer; ``still``: whose was not put right.

    ``p``: numbers of the stage `serve`. ``given``: chances to complain, to be put right, and quickly, (n, 3); (0, 3) where
    the shipped equations say them.
    """
    for x in range(len(who)):
        i, f = who[x], of[x]
        if len(given) > 0:
            voice, recover, soon = given[x, 0], given[x, 1], given[x, 2]
        else:
            severity = severity_of(draw(i, 1, month, code, key0, key1), p)
            voice = chance_voice(levels.heard[c.level[i]], severity, p)
            recover = chance_recovery(firms.recovery_chance[f], firms.skill[f], p)
            soon = chance_quick(firms.reply_days[f] + firms.reply_wait[f], firms.overload[f], p)
        voiced = draw(i, 0, month, code, key0, key1) < voice
        good = voiced and draw(i, 2, month, code, key0, key1) < recover
        quick = good and draw(i, 3, month, code, key0, key1) < soon
        kept, gained, more, lost = 1.0, 0.0, 0.0, 0.0
        if quick:
            kept, gained, more = p.quick_kept, p.quick_satisfaction, p.quick_loyalty
        elif good:
            kept, gained, more = p.slow_kept, p.slow_satisfaction, p.slow_loyalty
        else:
            lost = p.trust_loss_voiced if voiced else p.trust_loss_silent
        still[x] = not good
        answers[i] = SILENT + int(voiced) + int(good) + int(quick)
        counts[f, _FAILURES] += 1
        counts[f, _VOICED] += int(voiced)
        counts[f, _RESOLVED] += int(good)
        counts[f, _QUICKLY] += int(quick)
        c.failed[i] = 1
        c.complaints[f, i] = min(np.int64(c.complaints[f, i]) + int(voiced), 255)
        c.belief[f, i] -= np.float32(kept * belief)
        c.hurt[i] += np.float32(kept * belief)
        sunk = clip(np.float64(c.satisfaction[i] - np.float32(harm)), -1.0, 1.0)
        c.satisfaction[i] = clip(sunk + gained, -1.0, 1.0)
        c.loyalty[i] = clip(np.float64(c.loyalty[i]) + more)
        c.trust[i] = np.float64(c.trust[i]) * (1.0 - lost)
        if voiced:
            spend = 0.01 * c.month_spent_cents[i] / max(np.int64(c.bought[i]) + np.int64(c.visited[i]), 1)
            amends = firms.recovery_cost[f] + firms.recovery_share[f] * spend if good else 0.0
            cost = p.contact_cost / firms.reply_days[f] + amends
            enter(ledger, signs, c.month_profit_cents, f, i, line, cost)
