"""What happens to a class game when several things come at once: decisions, presses, names forgotten."""

import pytest
from classroom_bots import NOW, small

from sim.classroom import advancing, desk, moves, store
from sim.classroom.decisions import Decision
from sim.classroom.faults import GameError
from sim.classroom.store import Store


def test_decisions_that_keep_coming_do_not_keep_a_round_from_being_played(tmp_path):
    desk.new_game(tmp_path / "term", small(2, rounds=2, months=1))
    other, plays, taken, told = Store(tmp_path / "term"), [], [], []

    def play(game, rounds):
        price = 1.0 + 0.01 * len(plays)
        plays.append(price)
        try:
            other.change(lambda g: [moves.hand_in(g, 0, Decision({"price": price}), {}, "Ann", NOW)])
            taken.append(price)
        except GameError as error:
            told.append(str(error))
        return desk.play_round(game.settings, rounds, tmp_path / "term" / store.CACHE)

    game = advancing.play_open_round(tmp_path / "term", NOW, play)
    assert len(plays) == advancing.MOST_REPEATS + 2 and len(taken) == advancing.MOST_REPEATS + 1
    assert game.rounds[0].counted[0].decision.plan["price"] == taken[-1]  # whatever was taken counts
    (said,) = told
    assert "round 1 is being played" in said and "next round" in said
    other.change(lambda g: [moves.hand_in(g, 0, Decision({"price": 1.2}), {}, "Ann", NOW)])
    assert desk.advance(tmp_path / "term", NOW).rounds[1].counted[0].decision.plan["price"] == 1.2
    assert desk.replay(tmp_path / "term") == []


def test_a_closed_round_that_could_not_be_played_takes_decisions_again(tmp_path):
    desk.new_game(tmp_path / "term", small(2, rounds=2, months=1))
    other, plays = Store(tmp_path / "term"), []

    def play(game, rounds):
        plays.append(game)
        if len(plays) > advancing.MOST_REPEATS + 1:
            raise MemoryError
        other.change(
            lambda g: [moves.hand_in(g, 0, Decision({"price": 1 + 0.1 * len(plays)}), {}, "", NOW)]
        )
        return desk.play_round(game.settings, rounds)

    with pytest.raises(MemoryError):
        advancing.play_open_round(tmp_path / "term", NOW, play)
    assert plays[-1].closed == 1 and other.game.closed == 0 and other.game.round == 1
    assert moves.hand_in(other.game, 0, Decision({"price": 1.5}), {}, "Ann", NOW)["round"] == 1
