"""Class lists as learning platforms save them: whatever the columns are called, ids, names and teams are found."""

import pytest
from classroom_bots import small

from sim.classroom import desk, gradebook
from sim.classroom.faults import GameError
from sim.classroom.roster import read_roster
from sim.cli import main

LISTS = {
    "Moodle": ("First name,Surname,ID number,Email address,Group\nZoë,Ng,0071,z@u.edu,Red\nBo,Li,0072,b@u.edu,Blue\n",
               [("0071", "Zoë Ng", "Red"), ("0072", "Bo Li", "Blue")]),
    "Moodle in German": ("Vorname;Nachname;ID-Nummer;E-Mail-Adresse\nZoë;Ng;0071;z@u.edu\nBo;Ng;0072;b@u.edu\n",
                         [("0071", "Zoë Ng", ""), ("0072", "Bo Ng", "")]),
    "namesakes in Dutch": ("Voornaam;Achternaam;Nummer\nAnne;Roy;17\nAnne;Petit;18\nLuc;Roy;19\nPaul;Gil;20\nLéa;Gil;21\n",
                            [("17", "Anne Roy", ""), ("18", "Anne Petit", ""), ("19", "Luc Roy", ""),
                             ("20", "Paul Gil", ""), ("21", "Léa Gil", "")]),
    "Canvas": ("Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n\"Ng, Zoë\",71,s71,zng,A\n",
               [("71", "Ng, Zoë", "")]),
    "Blackboard": ("Last Name\tFirst Name\tUsername\tStudent ID\nNg\tZoë\tzng\t0071\n", [("0071", "Zoë Ng", "")]),
    "Brightspace": ("OrgDefinedId,Username,Last Name,First Name\n#71,#zng,Ng,Zoë\n", [("#zng", "Zoë Ng", "")]),
    "ids of a name of their own": ("Matrikel;Vorname;Nachname\n101;Ann;Lee\n102;Bo;Ng\n", [("101", "Ann Lee", ""), ("102", "Bo Ng", "")]),
    "namesakes with ids of a name of their own": ("Kennung;Vorname;Nachname\n101;Ann;Lee\n102;Ann;Lee\n",
                                                  [("101", "Ann Lee", ""), ("102", "Ann Lee", "")]),
    "marks": ("Student,Final score\nAnn Lee,87.5\nBo Ng,91.2\n", [("Ann Lee", "Ann Lee", ""), ("Bo Ng", "Bo Ng", "")]),
    "birthdays": ("Name,Birthday\nAnn,2001-02-03\nBo,2002-03-04\n", [("Ann", "Ann", ""), ("Bo", "Bo", "")]),
    "Moodle in French": ("Prénom,Nom de famille,Adresse de courriel\nMarie,Roy,mr@u.fr\nMarie,Gil,mg@u.fr\n",
                         [("mr@u.fr", "Marie Roy", ""), ("mg@u.fr", "Marie Gil", "")]),
    "Moodle in Italian": ("Nome,Cognome\nMaria,Rossi\nMaria,Bianchi\n",
                          [("Maria Rossi", "Maria Rossi", ""), ("Maria Bianchi", "Maria Bianchi", "")]),
    "a last name of a name of its own": ("Vorname;Familie;Fach\nMia;Roth;BWL\nMia;Gut;BWL\n",
                                         [("Mia Roth", "Mia Roth", ""), ("Mia Gut", "Mia Gut", "")]),
    "Moodle without ID numbers": ("First name,Surname,ID number,Email address\nZoë,Ng,,z@u.edu\nBo,Li,,b@u.edu\n",
                                  [("z@u.edu", "Zoë Ng", ""), ("b@u.edu", "Bo Li", "")]),
    "Moodle with an ID number that is missing": ("First name,Surname,ID number,Email address\nZoë,Ng,7,z@u.edu\nBo,Li,,b@u.edu\n",
                                                 [("z@u.edu", "Zoë Ng", ""), ("b@u.edu", "Bo Li", "")]),
    "Canvas without ids": ("Student,Section\nPoints Possible,\n\"Ng, Zoë\",A\n", [("Ng, Zoë", "Ng, Zoë", "")]),
    "Canvas with manual posting": ("Student,ID,SIS User ID,Essay (55)\n,,,Manual Posting\n    Points Possible,,,10\n\"Bee, Ann\",101,s1,7\n"
                                   '"Student, Test",102,,\n', [("101", "Bee, Ann", ""), ("102", "Student, Test", "")]),
    "names of a name of their own": ("Wie heißt du?,ID\nOtter,1\nIgel,2\n", [("1", "Otter", ""), ("2", "Igel", "")]),
    "pseudonyms alone": ("Wer\nOtter 1\nIgel 2\n", [("Otter 1", "Otter 1", ""), ("Igel 2", "Igel 2", "")]),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_class_list_is_read_whatever_its_columns_are_called(name, tmp_path):
    text, expected = LISTS[name]
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    roster = read_roster(tmp_path / "list.csv")
    assert [(one.id, one.name, one.team) for one in roster.entries] == expected
    assert all(len(one.row) == len(roster.columns) for one in roster.entries)


def test_a_student_without_the_only_id_there_is_is_named_by_line(tmp_path):
    (tmp_path / "list.csv").write_text("Name,ID number\nAnn,7\nBo,\n", encoding="utf-8")
    with pytest.raises(GameError, match=r"list.csv:3: this student has no ID number"):
        read_roster(tmp_path / "list.csv")


def test_ids_that_differ_in_their_case_alone_are_one(tmp_path):
    (tmp_path / "list.csv").write_text("Name,ID\nAnn,ab1\nBo,AB1\nCid,ab2\n", encoding="utf-8")
    with pytest.raises(GameError, match=r"two students have the id AB1, ab1; ids tell students apart"):
        read_roster(tmp_path / "list.csv")


def test_class_new_says_which_columns_it_took(tmp_path, capsys):
    (tmp_path / "list.csv").write_text(LISTS["namesakes in Dutch"][0], encoding="utf-8")
    words = ("--teams", "2", "--roster", tmp_path / "list.csv", "--change", "market.customers=200")
    main(list(map(str, ("class", "new", tmp_path / "term", "two_cafes", *words))))
    said = " ".join(capsys.readouterr().out.split())
    assert "Of 5 students: ids from Nummer, names from Voornaam and Achternaam, dealt evenly" in said


def test_who_said_nothing_in_the_open_round_is_not_absent_yet(tmp_path):
    (tmp_path / "list.csv").write_text(LISTS["Moodle"][0], encoding="utf-8")
    game = desk.new_game(tmp_path / "term", small(2), roster=read_roster(tmp_path / "list.csv"))
    assert len(gradebook.reasons(game)) == 1
