"""A game's folder: copied, killed, damaged, taken back, forgotten, made by another version; it is the same game."""

import contextlib
import hashlib
import json
import multiprocessing
import os
import shutil
import sqlite3
import zipfile

import numpy as np
import pytest
from classroom_bots import NOW, beginner, cheap, expert, forged, hand_in, play, small

from sim.classroom import desk, forgetting, moves, store
from sim.classroom.faults import GameError, WrongVersion
from sim.classroom.forms import form_of
from sim.classroom.game import replayed
from sim.classroom.markets import table_at
from sim.classroom.settings import Settings
from sim.classroom.sheets import Sheet, read_sheet
from sim.classroom.states import read_state, write_state
from sim.classroom.store import Store
from sim.cli import main
from sim.market import Market
from sim.model_version import MODEL_VERSION
from sim.policies import POLICIES

PROCESSES = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")


def bits(game):
    return [one.hashes for one in game.rounds]


@pytest.fixture(scope="module")
def through(tmp_path_factory):
    """A game of three rounds, played through in one folder."""
    home = tmp_path_factory.mktemp("through")
    desk.new_game(home / "term", small(2, rivals=("discount_matcher",)))
    return home, play(home / "term", home / "inbox", {0: expert, 1: cheap}, 3)


def test_a_game_goes_on_in_a_copied_folder_with_the_same_bits(through, tmp_path):
    _, whole = through
    desk.new_game(tmp_path / "here", small(2, rivals=("discount_matcher",)))
    play(tmp_path / "here", tmp_path / "inbox", {0: expert, 1: cheap}, 1)
    shutil.copytree(tmp_path / "here", tmp_path / "there" / "on another computer")
    there = tmp_path / "there" / "on another computer"
    shutil.rmtree(there / store.CACHE)  # and without what is only a cache
    assert bits(play(there, tmp_path / "inbox", {0: expert, 1: cheap}, 2)) == bits(whole)
    assert bits(play(tmp_path / "here", tmp_path / "inbox", {0: expert, 1: cheap}, 2)) == bits(whole)


@pytest.mark.parametrize("harm", ["cut", "changed", "of another game", "of another build"])
def test_a_cached_state_that_is_not_whole_is_not_believed(harm, through, tmp_path):
    home, whole = through
    shutil.copytree(home / "term", tmp_path / "term")
    desk.undo(tmp_path / "term")
    (file,) = (tmp_path / "term" / store.CACHE).glob("*round-2.state")
    data = file.read_bytes()
    other = (tmp_path / "term" / store.CACHE / "market-1-round-3.state").read_bytes()
    body = data.partition(b"\n")[2].replace(b'"rule_counts"', b'"rule_fired"')
    build = (
        hashlib.sha256(body).hexdigest().encode() + b"\n" + body
    )  # whole, but a firm remembers something else
    harmed = {"cut": data[:-9], "changed": data[:-9] + b"123456789", "of another game": other, "of another build": build}  # fmt: skip
    assert build != data
    file.write_bytes(harmed[harm])
    assert bits(desk.advance(tmp_path / "term", NOW)) == bits(whole)


@pytest.mark.parametrize("half", [0, 1])
def test_every_shipped_policy_goes_on_from_a_state_as_if_it_had_never_stopped(half, tmp_path):
    settings = small(1, rivals=tuple(POLICIES)[half::2], rounds=2, months=2)
    decided = [{0: one} for one in (moves.Decision({}), moves.Decision({"price": 1.1}))]
    from sim.classroom.markets import play_round

    play_round(settings, decided[:1], tmp_path)
    (from_state,) = play_round(settings, decided, tmp_path)
    assert from_state.state_hash == table_at(settings, 0, decided).market.state_hash


def test_a_state_without_the_records_of_who_left_is_of_another_build(tmp_path):
    market, fresh = (Market("two_cafes", months=4) for _ in range(2))
    market.step()
    file = tmp_path / "market.state"
    write_state(market, file, "key")
    body = file.read_bytes().partition(b"\n")[2].replace(b'"closed"', b'"former"')
    file.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    assert not read_state(fresh, file, "key")
    write_state(market, file, "key")
    assert read_state(fresh, file, "key") and fresh.month == 1
    assert len(market.closed[0]) and np.array_equal(market.closed, fresh.closed)


def test_undo_opens_the_round_again_with_what_was_handed_in(through, tmp_path):
    home, whole = through
    shutil.copytree(home / "term", tmp_path / "term")
    game = desk.undo(tmp_path / "term")
    assert game.round == 3 and game.latest(1) == whole.latest(1, 3)
    assert bits(desk.advance(tmp_path / "term", NOW)) == bits(whole)
    desk.undo(tmp_path / "term")
    (tmp_path / "f.toml").write_text('team = "Red"\n[plan]\nprice = 1.4\n')
    desk.collect(tmp_path / "term", [tmp_path / "f.toml"], NOW)
    other = desk.advance(tmp_path / "term", NOW)
    assert bits(other)[:2] == bits(whole)[:2] and bits(other)[2] != bits(whole)[2]
    assert desk.replay(tmp_path / "term") == []
    with pytest.raises(GameError, match="nothing to take back"):
        for _ in range(4):
            desk.undo(tmp_path / "term")


def test_a_copy_is_kept_before_each_round_and_is_a_game_itself(through, tmp_path):
    home, whole = through
    names = sorted(file.name for file in (home / "term" / store.COPIES).iterdir())
    assert names == [f"before-round-{i}.db" for i in (1, 2, 3)]
    (tmp_path / "again").mkdir()
    shutil.copy(home / "term" / store.COPIES / "before-round-3.db", tmp_path / "again" / store.FILE)
    assert bits(desk.advance(tmp_path / "again", NOW)) == bits(whole)


def test_replay_tells_where_a_game_has_other_numbers_than_its_decisions_give(through, tmp_path):
    home, _ = through
    shutil.copytree(home / "term", tmp_path / "term")

    def forge(event):
        return event | {"hashes": ["0" * 64]} if event["kind"] == "played" and event["round"] == 2 else event

    forged(tmp_path / "term", forge)
    assert desk.replay(tmp_path / "term") == [(2, 1)]


def test_a_form_that_a_team_has_written_in_is_never_written_over(tmp_path):
    desk.new_game(tmp_path / "term", small(2))
    form = tmp_path / "term" / store.FORMS / "round-1" / "Blue.toml"
    form.write_text(form.read_text() + "# mine\n")
    desk.change(tmp_path / "term", lambda game: [moves.pause(game, True)])
    assert form.read_text().endswith("# mine\n")


def test_an_unchanged_form_is_a_decision_without_faults(through):
    _, game = through
    folder = through[0] / "term"
    event = {"kind": "undone", "round": 3}
    open_again = replayed([*Store(folder).events(), event])
    for team in (0, 1):
        file = through[0] / "form.toml"
        file.write_text(form_of(open_again, team), encoding="utf-8")
        sheet = read_sheet(file, open_again)
        assert sheet.faults == []
        held = game.rounds[1].counted[team].decision
        assert sheet.decision.rules == held.rules and held.plan.items() <= sheet.decision.plan.items()


# ---------------------------------------------------------------- versions


def test_another_model_refuses_to_play_and_says_what_to_take(through, tmp_path, monkeypatch):
    home, _ = through
    shutil.copytree(home / "term", tmp_path / "term")
    desk.undo(tmp_path / "term")
    monkeypatch.setattr(moves, "MODEL_VERSION", "another")
    with pytest.raises(WrongVersion, match=rf"model_version.py said {MODEL_VERSION}; pip cannot"):
        desk.advance(tmp_path / "term", NOW)  # this version of the package had that model and has another
    forged(tmp_path / "term", lambda e: e | {"version": "9.9.9"} if e["kind"] == "made" else e)
    with pytest.raises(WrongVersion, match=r"pip install tenfold==9\.9\.9"):
        desk.advance(tmp_path / "term", NOW)
    assert Store(tmp_path / "term").game.round == 3  # it can be looked at


def test_a_game_with_what_is_gone_since_can_be_looked_at_and_taken_over(through, tmp_path, capsys):
    home, _ = through
    shutil.copytree(home / "term", tmp_path / "term")

    def of_model_2(event):
        if event["kind"] != "made":
            return event
        old = event["settings"]["scenario"] + "\n[mechanisms.supply]\nsignal_clarity = 0.5\n"
        return event | {"model_version": "2", "settings": event["settings"] | {"scenario": old}}

    forged(tmp_path / "term", of_model_2)
    for command in ("status", "export", "report"):
        assert main(["class", command, str(tmp_path / "term")]) == 0
    assert "Blue" in capsys.readouterr().out
    assert main(["class", "status", str(tmp_path / "term"), "--check"]) == 2
    assert "made by model version 2, and this is" in capsys.readouterr().err
    assert main(["class", "new", str(tmp_path / "new"), "--from", str(tmp_path / "term")]) == 0
    assert "had mechanisms.supply.signal_clarity, which is gone" in capsys.readouterr().err


def test_another_format_is_refused(through, tmp_path):
    home, _ = through
    shutil.copytree(home / "term", tmp_path / "term")
    forged(tmp_path / "term", lambda e: e | {"format": 99} if e["kind"] == "made" else e)
    with pytest.raises(WrongVersion, match=r"format 99.*pip cannot"):
        Store(tmp_path / "term").game


def test_a_folder_with_something_in_it_and_one_without_a_game_are_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(FileExistsError, match="there already"):
        desk.new_game(tmp_path, small(2))
    with pytest.raises(GameError, match="class new"):
        Store(tmp_path)
    (tmp_path / store.FILE).write_bytes(b"no database at all, but long enough to be taken for one" * 50)
    with pytest.raises(GameError, match=r"damaged.*no round was played"):
        Store(tmp_path).game


@pytest.mark.parametrize("harm", ["zeros in the middle", "empty", "an event that is no JSON"])
def test_a_file_that_is_damaged_anywhere_is_told_with_the_copies_to_take(harm, through, tmp_path, capsys):
    home, _ = through
    shutil.copytree(home / "term", tmp_path / "term")
    file = tmp_path / "term" / store.FILE
    if harm == "an event that is no JSON":
        with contextlib.closing(sqlite3.connect(file)) as base:
            base.execute("update events set event = '{' where number = 2")
            base.commit()
    else:
        data = bytearray(file.read_bytes())
        data[4096 : len(data) - 4096] = bytes(len(data) - 8192)
        file.write_bytes(b"" if harm == "empty" else data)
    for command in ("status", "export"):
        assert main(["class", command, str(tmp_path / "term")]) == 2
        told = capsys.readouterr().err
        assert (
            "damaged" in told
            and f"newest copy is {tmp_path / 'term' / store.COPIES / 'before-round-3.db'}" in told
        )


def test_the_file_alone_is_the_whole_game_while_it_is_held_open(tmp_path):
    folder, alone = tmp_path / "term", tmp_path / "alone"
    desk.new_game(folder, small(2))
    with contextlib.closing(sqlite3.connect(folder / store.FILE)) as held:  # as the server does
        held.execute("pragma data_version").fetchone()
        play(folder, tmp_path / "inbox", {0: expert}, 1)
        alone.mkdir()
        shutil.copy(folder / store.FILE, alone)
        assert len(Store(alone).game.rounds) == 1


# ---------------------------------------------------------------- at the same time, and killed


def press(folder, gate, pipe):
    """An instructor advances."""
    gate.wait()
    try:
        pipe.send(str(desk.advance(folder, NOW, anyway=False).round))
    except GameError as error:
        pipe.send(str(error))


def test_two_instructors_who_advance_at_once_advance_once(tmp_path):
    desk.new_game(tmp_path / "term", small(2))
    hand_in(tmp_path / "term", tmp_path / "inbox", Store(tmp_path / "term").game, {0: beginner, 1: cheap})
    gate, pipes = PROCESSES.Barrier(2), [PROCESSES.Pipe() for _ in range(2)]
    children = [PROCESSES.Process(target=press, args=(tmp_path / "term", gate, end)) for _, end in pipes]
    for child in children:
        child.start()
    said = sorted(ours.recv() for ours, _ in pipes)
    for child in children:
        child.join()
    assert said[0] == "2" and ("meanwhile" in said[1] or "nobody has handed in" in said[1])
    events = Store(tmp_path / "term").events()
    assert [event["round"] for event in events if event["kind"] == "played"] == [1]


def test_a_decision_that_comes_while_the_markets_are_played_counts(tmp_path, monkeypatch):
    desk.new_game(tmp_path / "term", small(2))
    inner, calls = desk.play_round, []

    def slow(*given):
        calls.append(1)
        played = inner(*given)
        if len(calls) == 1:
            hand_in(tmp_path / "term", tmp_path / "inbox", Store(tmp_path / "term").game, {1: cheap})
        return played

    monkeypatch.setattr(desk, "play_round", slow)
    game = desk.advance(tmp_path / "term", NOW)
    assert (
        len(calls) == 2 and game.rounds[0].counted[1].how == "handed" and desk.replay(tmp_path / "term") == []
    )


def to_the_end(folder, inbox, pipe):
    """Play a game to its end, and say what is acknowledged."""
    game = Store(folder).game
    while not game.is_over:
        for one in hand_in(folder, inbox, game, {0: expert, 1: cheap}):
            pipe.send(("acknowledged", game.round, one.team))
        game = desk.advance(folder, NOW)
        pipe.send(("played", game.round - 1, ""))


@pytest.mark.parametrize("words", [1, 2, 3, 5, 8])
def test_a_process_killed_anywhere_leaves_a_whole_game_and_loses_nothing_acknowledged(
    words, through, tmp_path
):
    _, whole = through
    folder = tmp_path / "term"
    desk.new_game(folder, small(2, rivals=("discount_matcher",)))
    ours, theirs = PROCESSES.Pipe()
    child = PROCESSES.Process(target=to_the_end, args=(folder, tmp_path / "inbox", theirs))
    child.start()
    said = [ours.recv() for _ in range(words)]
    child.kill()
    child.join()
    game = Store(folder).game
    assert len(game.rounds) >= sum(what == "played" for what, _, _ in said)
    for _, round_, team in (one for one in said if one[0] == "acknowledged"):
        assert game.latest(game.teams.index(team), round_) is not None
    with contextlib.closing(sqlite3.connect(folder / store.FILE)) as base:
        assert base.execute("pragma integrity_check").fetchone() == ("ok",)
    game = play(folder, tmp_path / "inbox", {0: expert, 1: cheap}, 3 - len(game.rounds))
    assert bits(game) == bits(whole)


# ---------------------------------------------------------------- forgetting


def test_forget_leaves_no_name_and_no_reason_in_any_byte_and_keeps_the_game(tmp_path):
    folder = tmp_path / "term"
    desk.new_game(folder, small(2), names=["Zanzibar", "Quetzal"])
    (tmp_path / "Wolfgang.toml").write_text(
        'team = "Zanzibar"\n[plan]\nprice = 1.1\n[[students]]\nname = "Wolfgang"\nnumber = 1\nlow = 0\nhigh = 2\nreason = "Xylophone"\n'
    )
    desk.collect(folder, [tmp_path / "Wolfgang.toml"], NOW)
    desk.change(
        folder, lambda game: [moves.rename(game, 1, "Yggdrasil"), moves.book(game, 0, 5.0, "Kookaburra")]
    )
    before = desk.advance(folder, NOW)
    after = forgetting.forget(folder)
    held = b"".join(file.read_bytes() + file.name.encode() for file in folder.rglob("*") if file.is_file())
    for name in (b"Zanzibar", b"Quetzal", b"Wolfgang", b"Xylophone", b"Yggdrasil", b"Kookaburra"):
        assert name not in held
    assert (
        bits(after) == bits(before)
        and after.teams == ("Team 1", "Team 2")
        and after.students["S1"].name == "Student 1"
    )
    assert after.said[0].number == 1.0 and desk.replay(folder) == []
    assert bits(desk.advance(folder, NOW))[0] == bits(before)[0]


def test_settings_go_to_a_file_and_back():
    settings = small(3, rivals=("basic",), budget=12.5)
    assert Settings.from_dict(json.loads(json.dumps(settings.as_dict))) == settings


def test_what_is_no_decision_file_is_named_and_nothing_falls(tmp_path, through):
    game = replayed([*Store(through[0] / "term").events(), {"kind": "undone", "round": 3}])
    hostile = [b"\xff\xfe\x00", b"\x00" * 50, b"team = ", b"a" * 300_000, b'team = "Blue"\nplan = 3', b'team = ["Blue"]\n[plan]',
               b"[[students]]\nname = 3\n", b'team = "Blue"\nrules = "x"', b'team = "Blue"\nstudents = 5', b"", b"[" * 50_000,
               b'team = "Blue"\nround = "two"\n[plan]\nprice = 1', b'team = "Blue"\n[[rules]]\nif = 3\nthen = {}']  # fmt: skip
    for place, data in enumerate(hostile):
        file = tmp_path / f"{place}.toml"
        file.write_bytes(data)
        sheet = read_sheet(file, game)
        assert sheet.faults and isinstance(sheet, Sheet), data[:40]
    assert read_sheet(tmp_path / "nowhere.toml", game).faults


def test_a_folder_collected_again_changes_nothing_and_its_newest_file_counts(tmp_path, capsys):
    desk.new_game(tmp_path / "term", small(1))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    name = Store(tmp_path / "term").game.teams[0]
    for number, (file, price) in enumerate((("Team.toml", 1.01), ("Team (1).toml", 1.02))):
        (inbox / file).write_text(f'team = "{name}"\n[plan]\nprice = {price}\n', encoding="utf-8")
        os.utime(inbox / file, (1_700_000_000 + number, 1_700_000_000 + number))
    for late in ([], ["--late"]):
        assert main(["class", "collect", str(tmp_path / "term"), str(inbox), "--quiet", *late]) == 0
        game = Store(tmp_path / "term").game
        assert [one.decision.plan["price"] for one in game.handed] == [1.01, 1.02]
        assert game.counting()[0].how == "handed"


def decides(team, price):
    return f'team = "{team}"\n[plan]\nprice = {price}\n'


def test_files_are_found_below_a_folder_and_in_a_zip_and_others_are_named(tmp_path, capsys):
    desk.new_game(tmp_path / "term", small(4))
    teams = Store(tmp_path / "term").game.teams
    inbox = tmp_path / "inbox"
    files = {
        "Ann_1_file_/Form.toml": decides(teams[0], 1.01), "Bo_2_file_/Form.toml": decides(teams[1], 1.02),
        "Red.toml.txt": decides(teams[2], 1.03), "mail.txt": decides(teams[3], 1.04), "FORM.TOML": decides(teams[3], 1.05),
        "notes.txt": "we want more money", "plan.docx": "PK", ".DS_Store": "x", "old/game.db": "x", "old/Form.toml": decides("No", 2),
    }  # fmt: skip
    for number, (name, text) in enumerate(files.items()):
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_text(text)
        os.utime(inbox / name, (1_700_000_000 + number, 1_700_000_000 + number))
    with zipfile.ZipFile(tmp_path / "handed.zip", "w") as packed:
        for name in files:
            if "old" not in name:
                packed.write(inbox / name, name)
    for given in (inbox, inbox, tmp_path / "handed.zip"):
        assert main(["class", "collect", str(tmp_path / "term"), str(given), "--quiet"]) == 0
        out = capsys.readouterr().out
        assert "4 of 4 teams" in out and "Left alone: notes.txt and plan.docx." in out
        handed = Store(tmp_path / "term").game.handed
        assert [one.decision.plan["price"] for one in handed] == [1.01, 1.02, 1.03, 1.04, 1.05]
    assert handed[0].source == "Ann_1_file_/Form.toml"
    assert main(["class", "collect", str(tmp_path / "term"), str(inbox / "old"), "--quiet"]) == 2
    (inbox / "bad.zip").write_bytes(b"PK no")
    assert main(["class", "collect", str(tmp_path / "term"), str(inbox / "bad.zip"), "--quiet"]) == 2
    assert "damaged" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_one_fault_and_the_others_are_taken(tmp_path, capsys):
    desk.new_game(tmp_path / "term", small(2))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    try:
        (inbox / "gone.toml").symlink_to(tmp_path / "nowhere")
    except OSError:
        pytest.skip("this system makes no links")
    (inbox / "Blue.toml").write_text(decides("Blue", 1.1))
    (inbox / "large.toml").write_bytes(b"#" * 300_000)
    assert main(["class", "collect", str(tmp_path / "term"), str(inbox), "--quiet"]) == 1
    out = capsys.readouterr().out
    assert (
        "gone.toml: no such file or directory" in out
        and "larger than 200 kB" in out
        and "1 of 2 teams" in out
    )


def test_two_files_of_a_new_student_bring_one_student(tmp_path):
    desk.new_game(tmp_path / "term", small(2))
    game = Store(tmp_path / "term").game
    files = []
    for k, name in enumerate(("Ann", "ann")):
        files.append(tmp_path / f"{k}.toml")
        said = f'[[students]]\nname = "{name}"\nnumber = 5\nlow = 1\nhigh = 9\n'
        files[-1].write_text(f'team = "{game.teams[0]}"\n{said}', encoding="utf-8")
    desk.collect(tmp_path / "term", files, NOW)
    assert [one.name for one in Store(tmp_path / "term").game.students.values()] == ["Ann"]


def test_what_was_handed_in_after_a_round_goes_with_it_when_it_is_taken_back(tmp_path):
    desk.new_game(tmp_path / "term", small(2))
    game = play(tmp_path / "term", tmp_path / "inbox", {0: cheap, 1: beginner}, 1)
    hand_in(tmp_path / "term", tmp_path / "inbox", game, {0: cheap})
    assert [one.round for one in Store(tmp_path / "term").game.handed if one.team == 0] == [1, 2]
    desk.undo(tmp_path / "term")
    assert [one.round for one in Store(tmp_path / "term").game.handed if one.team == 0] == [1]


def test_somebody_who_came_late_joins_a_team_once(tmp_path, capsys):
    desk.new_game(tmp_path / "term", small(2))
    red, blue = Store(tmp_path / "term").game.teams
    edit = ["class", "edit", str(tmp_path / "term")]
    assert main([*edit, "--add", f"Zoe={blue}", "--add", f"Yan={red}", "--quiet"]) == 0
    game = Store(tmp_path / "term").game
    assert [(one.name, one.team_in(1)) for one in game.students.values()] == [("Zoe", 1), ("Yan", 0)]
    assert main([*edit, "--add", f"zoe={red}"]) == 2
    assert '"zoe" is in this class already' in capsys.readouterr().err


def test_a_file_with_a_forecast_alone_keeps_the_decision_and_last_terms_budget_is_taken_over(tmp_path):
    term, next_ = tmp_path / "term", tmp_path / "next"
    desk.new_game(term, small(2, budget=777.0))
    (tmp_path / "f.toml").write_text('team = "Blue"\n[plan]\nprice = 1.2\n')
    (tmp_path / "g.toml").write_text('team = "Blue"\n[forecast]\nprofit = 5\n')
    desk.collect(term, [tmp_path / "f.toml", tmp_path / "g.toml"], NOW)
    latest = Store(term).game.latest(0)
    assert latest.decision.plan == {"price": 1.2} and latest.forecast == {"profit": 5.0}
    assert main(["class", "new", str(next_), "--from", str(term), "--quiet"]) == 0
    assert Store(next_).game.settings.budget == 777.0
    assert main(["class", "new", str(tmp_path / "more"), "--from", str(term), "--teams", "3", "--quiet"]) == 0
    assert Store(tmp_path / "more").game.settings.budget != 777.0
    (tmp_path / "r.csv").write_text("id,name,team\n1,Ann,A\n2,Bob,B\n3,Cy,C\n")
    for name, words, kept in (("roster", ["--roster", str(tmp_path / "r.csv")], False), ("named", ["--team", "A"], False),
                              ("same", ["--teams", "2", "--markets", "1"], True)):  # fmt: skip
        assert main(["class", "new", str(tmp_path / name), "--from", str(term), *words, "--quiet"]) == 0
        assert (Store(tmp_path / name).game.settings.budget == 777.0) is kept


def test_last_terms_names_are_taken_over_also_with_a_roster_that_has_no_teams(tmp_path):
    desk.new_game(tmp_path / "term", small(2), names=["Lions", "Tigers"])
    (tmp_path / "r.csv").write_text("id,name\n1,Ann\n2,Bob\n")
    words = ["--from", str(tmp_path / "term"), "--roster", str(tmp_path / "r.csv"), "--quiet"]
    assert main(["class", "new", str(tmp_path / "next"), *words]) == 0
    game = Store(tmp_path / "next").game
    assert game.teams == ("Lions", "Tigers") and [s.name for s in game.students.values()] == ["Ann", "Bob"]


def test_undo_keeps_the_deadline_of_the_round(tmp_path):
    desk.new_game(tmp_path / "term", small(1), deadline="2030-01-01T10:00+00:00")
    assert desk.advance(tmp_path / "term", NOW).deadline == ""
    assert desk.undo(tmp_path / "term").deadline == "2030-01-01T10:00+00:00"
