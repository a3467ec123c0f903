"""A team that was taken out: nobody waits for it, it has no rank, and it is back where its students need it."""

import json

from classroom_bots import NOW, small

from sim.classroom import desk, gradebook, moves
from sim.cli import main

MONTH = ["--change", "market.customers=200", "--rounds", "2", "--months", "1", "--seed", "1", "--quiet"]


def test_a_removed_team_is_not_waited_for_counted_or_ranked(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["class", "new", "term", "two_cafes", "--teams", "3", *MONTH]) == 0
    assert main(["class", "edit", "term", "--remove", "Green"]) == 0
    (tmp_path / "Red.toml").write_text('team = "Red"\n[plan]\nprice = 1.1\n')
    capsys.readouterr()
    main(["class", "collect", "term", "Red.toml", "--quiet"])
    said = capsys.readouterr().out
    assert "round 1: 1 of 2 teams" in said and "Nothing yet from Blue." in said
    main(["class", "advance", "term", "--quiet"])
    assert "Nothing was handed in by Blue: the default plan ran." in capsys.readouterr().out
    game = desk.Store(tmp_path / "term").game
    heads, *rows = gradebook.teams(game)
    assert sorted(row[heads.index("rank")] or 0 for row in rows) == [0, 1, 2] and rows[2][2] is None
    main(["class", "status", "term"])
    assert "removed" in (said := capsys.readouterr().out) and "None" not in said
    main(["class", "status", "term", "--json"])
    assert json.loads(capsys.readouterr().out)["scores"][2]["rank"] is None
    (tmp_path / "Gren.toml").write_text('team = "Gren"\n[plan]\nprice = 1.1\n')
    main(["class", "collect", "term", "Gren.toml", "--quiet"])
    assert "there are Blue, Red" in capsys.readouterr().out  # and no hint to a team that is out


def test_a_removed_team_is_back_in_a_reopened_round_where_it_had_students(tmp_path):
    desk.new_game(tmp_path / "term", small(3, rounds=2, months=1))
    desk.change(tmp_path / "term", lambda game: [moves.join(game, "Ann", 1), moves.remove(game, 2)])
    desk.advance(tmp_path / "term", NOW)
    desk.change(tmp_path / "term", lambda game: [moves.move(game, "S1", 0)])
    assert desk.change(tmp_path / "term", lambda game: [moves.remove(game, 1)]).active == [0]
    game = desk.undo(tmp_path / "term")
    assert game.students["S1"].team_in(1) == 1 and game.active == [0, 1]
    assert moves.team_number(game, "Red") == 1 and game.missing == [0, 1]
