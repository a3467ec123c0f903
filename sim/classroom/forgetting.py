"""Names, ids and reasons erased for good; the game itself stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sim.classroom import forms, gradebook, store, texts
from sim.classroom.desk import forms_folder
from sim.classroom.faults import GameError
from sim.classroom.game import Event, Game
from sim.classroom.store import Store


def forget(folder: Path) -> Game:
    """Erase all names, ids and reasons for good, and what was made of them; the game itself stays."""
    kept = Store(folder)

    def scrubbing(game: Game) -> Callable[[Event], Event]:
        numbers = {student: f"S{i}" for i, student in enumerate(game.students, 1)}
        return lambda event: scrubbed(event, numbers)

    held: list[str] = []

    def erase() -> None:
        for made in (store.COPIES, store.FORMS, store.REPORTS):
            for file in sorted((folder / made).rglob("*"), reverse=True):
                _erase(file, held)
        for table in gradebook.FILES:
            _erase(folder / store.EXPORT / f"{table}.csv", held)

    after = kept.rewrite(scrubbing, {"kind": "forgotten"}, erase)
    if held:
        raise GameError(texts.STILL_THERE.format(files=", ".join(held)))
    if not after.is_over:
        forms.write_forms(after, forms_folder(folder, after), folder / store.COPIES)
    return after


def _erase(file: Path, held: list[str]) -> None:
    """Erase a file or an empty folder; one that another program holds open is told."""
    try:
        file.rmdir() if file.is_dir() else file.unlink(missing_ok=True)
    except OSError:
        if not file.is_dir():
            held.append(str(file))


def scrubbed(event: Event, numbers: dict[str, str]) -> Event:
    """An event without names, ids, reasons and names of files; a student who is in no game becomes nobody."""
    said = dict(event)
    if "student" in said:
        said["student"] = numbers.get(said["student"], "")
    if said["kind"] == "made":
        said["teams"] = [f"Team {i}" for i in range(1, len(said["teams"]) + 1)]
        said["students"] = [
            {**s, "id": numbers[s["id"]], "name": f"Student {numbers[s['id']][1:]}", "row": []}
            for s in said["students"]
        ]
        said["columns"] = []
    if said["kind"] == "joined":
        said["name"] = f"Student {said['student'][1:]}"
    if said["kind"] == "renamed":
        said["name"] = f"Team {said['team'] + 1}"
    for name in ("reason", "source", "why"):
        if name in said:
            said[name] = ""
    return said
