"""What happens in a month: nine stages, in this order, and the equations of each.

`STAGES` is the order of work. Each stage lives in a file of its own: the equations on top (small
functions that a page can plot and a test can check), then the loop over blocks of customers, then
the stage itself, a plain function of the market. A stage changes only the columns that it declares.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

from sim.behaviours import account, advertise, buy, contact, decide, leave, relate, serve, talk
from sim.compiled import equations_of


class Stage(NamedTuple):
    """A stage: its name, its file, the function, and what ends it whoever stands in for the function."""

    name: str
    module: ModuleType
    function: Callable[..., None]
    end: Callable[..., None] | None = None


STAGES = (
    Stage("decide", decide, decide.decide),
    Stage("advertise", advertise, advertise.advertise),
    Stage("contact", contact, contact.contact),
    Stage("buy", buy, buy.buy),
    Stage("serve", serve, serve.serve),
    Stage("relate", relate, relate.relate),
    Stage("talk", talk, talk.talk, talk.hear),
    Stage("leave", leave, leave.leave),
    Stage("account", account, account.account),
)

BY_NAME = {stage.name: stage for stage in STAGES}
EQUATIONS = {f"{stage.name}.{name}": f for stage in STAGES for name, f in equations_of(stage.module).items()}
"""Every equation of the model by its address, for example `talk.people_told`."""
