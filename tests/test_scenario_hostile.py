"""Hostile files: refused in a sentence or read cleanly, never anything else, never slowly."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import (
    Scenario,
    ScenarioError,
    Tables,
    addresses,
    change,
    check_text,
    load,
    parse_value,
)

pytestmark = pytest.mark.once

HEAD = "tenfold = 1\n"

HOSTILE = {
    "a dotted key of 31 KB": "x" + ".x" * 15_500 + " = 1",
    "a dotted header of 31 KB": "[x" + ".x" * 15_500 + "]",
    "a dotted key in blanks and quotes": " . ".join(["'x'"] * 5_000) + " = 1",
    "deep lists": "x = " + "[" * 50_000 + "]" * 50_000,
    "deep tables": "x = " + "{x=" * 20_000 + "1" + "}" * 20_000,
    "an endless text": 'x = """' + '\\"""' * 50_000,
    "many quotes": '"' * 200_000,
    "a huge number": "x = " + "9" * 200_000,
    "a huge hexadecimal number": "market.customers = 0x" + "f" * 200_000,
    "null characters": "\0" * 1000,
    "escape codes": "[market]\n\x1b[31mmonths = 1",
    "long names": "[segments." + "k" * 200_000 + "]",
    "names of two lines": '[firms."a\\nb\\u001b[31m"]',
    "a deep rule": '[[firms.a.rules]]\nif = "' + "(" * 490 + '"\nthen = { fire = true }',
    "code in a rule": "[[firms.a.rules]]\nif = \"__import__('os').system('x')\"\nthen = { fire = true }",
    "power in a rule": '[[firms.a.rules]]\nif = "9**9**9 > 1"\nthen = { fire = true }',
    "a lone carriage return": "x = 1\r" * 1000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused_in_lines_that_can_be_printed(body):
    with pytest.raises(ScenarioError) as caught:
        check_text(HEAD + body)
    for fault in caught.value.faults:
        assert str(fault).isprintable()
        assert len(str(fault)) < 1000


def test_a_dotted_key_of_31_kb_is_refused_before_the_parser_sees_it(monkeypatch):
    monkeypatch.setattr("tomllib.loads", lambda text: pytest.fail("the parser was called"))
    for name in ("a dotted key of 31 KB", "a dotted header of 31 KB", "deep lists", "deep tables"):
        with pytest.raises(ScenarioError):
            check_text(HEAD + HOSTILE[name])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            "tenfold = 1\ntitle = 'Café'".encode("latin-1"),
            "h.toml:2:13: is not UTF-8 text (got the byte 0xe9)",
        ),
        ("tenfold = 1".encode("utf-16"), "UTF-16"),
        (b"#" * (256 * 1024 + 1), "at most 256 KB"),
        (b"\xff\xfe\x00\x00", "UTF-16"),
        (b"\x80", "is not UTF-8"),
        (b"", "write tenfold = 1"),
    ],
)
def test_bytes_that_are_no_scenario_are_refused(tmp_path, data, words):
    file = tmp_path / "h.toml"
    file.write_bytes(data)
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbftenfold = 1\n",
        b"tenfold = 1\r\n\r\n[market]\r\nmonths = 3\r\n",
        b"\ttenfold\t=\t1\n\t[market]",
    ],
)
def test_marks_line_ends_and_tabs_of_other_editors_are_read(tmp_path, data):
    file = tmp_path / "h.toml"
    file.write_bytes(data)
    assert isinstance(load(file), Scenario)


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "../scenarios/plain",
        "..",
        ".",
        "//server/share/x",
        "CON",
        "NUL",
        "plain.toml/../plain",
        "plain\nplain",
        "\x1b[31mplain",
        "/etc/passwd",
        "a/b",
        "C:\\x",
        "plain\0",
        "plain\0.toml",
        "",
        " ",
        "no.toml",
        "~",
        "x" * 5000,
        "\n",
        "Plain ",
    ],
)
def test_names_that_are_paths_or_nothing_are_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError) as caught:
        load(name)
    assert str(caught.value).isprintable()


def special_files(folder):
    """Names of things that are no scenario file, though they end in .toml; made in a folder."""
    (folder / "folder.toml").mkdir()
    (folder / "loop.toml").symlink_to(folder / "loop.toml")
    (folder / "far.toml").symlink_to(folder / "nowhere.toml")
    (folder / "zero.toml").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.toml")
    return ["folder.toml", "loop.toml", "far.toml", "zero.toml", "pipe.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes and devices among its files")
def test_devices_pipes_loops_and_folders_are_refused_and_never_opened(tmp_path, monkeypatch):
    names = special_files(tmp_path)
    monkeypatch.setattr(Path, "open", lambda file, *_: pytest.fail(f"{file} was opened"))
    for name in (*names, "/dev/zero", "/dev/stdin", "/proc/self/environ"):
        with pytest.raises(ScenarioError) as caught:
            load(tmp_path / name)
        assert str(caught.value).isprintable()
    edges = "\n".join(["tenfold = 1", 'talk.network = "file"', 'talk.edges = "zero.toml"'])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match="no such file"):
        check_text(edges)


@pytest.mark.parametrize("name", ["CON.toml", "nul.toml", "Aux .toml", "com1.toml", "LPT9.x.toml"])
def test_a_device_of_windows_is_no_file_there(name, tmp_path, monkeypatch):
    (tmp_path / name).write_text(HEAD, encoding="utf-8")
    assert load(tmp_path / name).market.customers == 10_000
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(ScenarioError, match="is no plain file: a device"):
        load(tmp_path / name)


def test_of_a_file_of_10_gb_little_is_read(tmp_path):
    for name in ("huge.toml", "huge.csv"):
        with (tmp_path / name).open("wb") as stream:
            stream.truncate(10 * 2**30)  # it takes no place on the disk
    with pytest.raises(ScenarioError, match="at most 256 KB"):
        load(tmp_path / "huge.toml")
    (tmp_path / "small.toml").write_text(HEAD + 'talk = { network = "file", edges = "huge.csv" }')
    with pytest.raises(ScenarioError, match="at most 1,024 MB"):
        load(tmp_path / "small.toml")


ANYTHING = st.one_of(
    st.floats(), st.integers(), st.text(max_size=10), st.booleans(), st.none(), st.dates(),
    st.lists(st.floats(), max_size=13), st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(addresses(Tables()))), ANYTHING)
def test_a_change_to_anything_is_made_or_refused_in_a_sentence(address, value):
    try:
        changed = change(Tables(), {address: value})
    except ScenarioError as error:
        assert all(str(fault).isprintable() for fault in error.faults)
    else:
        assert isinstance(changed, Tables)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_text_as_a_file_is_refused_or_read(text):
    for whole in (text, HEAD + text, HEAD + "[market]\n" + text):
        try:
            check_text(whole)
        except ScenarioError as error:
            assert all(fault.line >= 0 for fault in error.faults)


TOKENS = ["[", "]", "[[", "]]", "{", "}", "=", ",", ".", "\n", '"', '"""', "'", "#", " ", "firms", "A", "plan", "price", "rules", "if",
          "then", "segments", "share", "1", "-3", "1e9", "true", "nan", '"spent > 1"', "need_rate", "mean", "talk", "é", "\\"]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=25))
def test_any_toml_like_text_is_refused_or_read(tokens):
    try:
        check_text(HEAD + "".join(tokens))
    except ScenarioError as error:
        lines = ("tenfold = 1\n" + "".join(tokens)).count("\n") + 1
        assert all(0 <= fault.line <= lines for fault in error.faults)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_command_line_text_is_a_value(text):
    parse_value(text)
