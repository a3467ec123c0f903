"""Networks: mutual, without loops or doubles, in ring order, and as their sources describe them."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import network
from sim.compiled import quiet_overflow
from sim.network import Network, build, from_edges, from_file, random_graph, scale_free, watts_strogatz

GROWN = ("watts_strogatz", "scale_free", "random")


def rows(net: Network) -> np.ndarray:
    """The person that each entry of `people` belongs to."""
    return np.repeat(np.arange(net.n_people), np.diff(net.start))


def codes(net: Network) -> np.ndarray:
    """Each directed edge as one number."""
    return rows(net) * max(1, net.n_people) + net.people


def digest(net: Network) -> str:
    return hashlib.sha256(net.start.astype(np.int64).tobytes() + net.people.tobytes()).hexdigest()


def clustering(net: Network) -> float:
    """Share of pairs of acquaintances who know each other (mean over people)."""
    known = set(codes(net).tolist())
    shares = []
    for i in range(net.n_people):
        near = net.neighbours(i).tolist()
        pairs = [(a, b) for k, a in enumerate(near) for b in near[:k]]
        if pairs:
            shares.append(np.mean([a * net.n_people + b in known for a, b in pairs]))
    return float(np.mean(shares))


def assert_lawful(net: Network, n: int) -> None:
    """A network of n people: mutual, no loops, no doubles, ring order, the promised types."""
    assert net.start.dtype == np.int32
    assert net.people.dtype == np.int32
    assert net.n_people == n
    assert net.start[0] == 0
    assert net.start[-1] == len(net.people)
    owner = rows(net)
    assert (owner != net.people).all()
    assert ((net.people >= 0) & (net.people < max(n, 1))).all()
    directed = codes(net)
    assert len(np.unique(directed)) == len(directed)
    assert set(directed) == set(net.people.astype(np.int64) * max(1, n) + owner)
    walk = (net.people - owner) % max(n, 1)
    same_row = np.diff(owner) == 0
    assert (np.diff(walk)[same_row] > 0).all()


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from([*GROWN, "none"]),
    n=st.integers(0, 40),
    degree=st.one_of(st.integers(0, 45), st.floats(0.0, 45.0)),
    rewiring=st.floats(0.0, 1.0),
    seed=st.integers(0, 2**64 - 1),
)
def test_every_network_is_mutual_without_loops_or_doubles(kind, n, degree, rewiring, seed):
    assert_lawful(build(kind, n, degree, rewiring, seed), n)


@pytest.mark.parametrize("kind", GROWN)
def test_large_networks_are_lawful_and_have_the_mean_degree(kind):
    net = build(kind, 20_000, 12, 0.1, 5)
    assert_lawful(net, 20_000)
    assert net.mean_degree == pytest.approx(12.0, abs=0.01)


@pytest.mark.parametrize("kind", GROWN)
def test_same_seed_same_bits_other_seed_other_network(kind):
    first, again, other = (build(kind, 3000, 6, 0.3, seed) for seed in (0, 0, 1))
    assert digest(first) == digest(again)
    assert digest(first) != digest(other)
    assert digest(first) != digest(build(kind, 3000, 6, 0.3, 2**32))  # the seed's upper word counts


@pytest.mark.parametrize("kind", GROWN)
def test_plain_python_builds_the_same_bits(kind, monkeypatch):
    compiled = digest(build(kind, 200, 5, 0.4, 11))
    for name, value in list(vars(network).items()):
        if hasattr(value, "py_func"):
            monkeypatch.setattr(network, name, value.py_func)
    with quiet_overflow():
        assert digest(build(kind, 200, 5, 0.4, 11)) == compiled


def test_networks_of_one_seed_have_not_changed():
    """A change here changes every market with word of mouth: raise MODEL_VERSION and say why."""
    found = {kind: digest(build(kind, 1000, 8, 0.2, 42))[:12] for kind in GROWN}
    assert found == {
        "watts_strogatz": "91560c34b8ba",
        "scale_free": "d71f0e668761",
        "random": "ca8b22febe83",
    }


def test_without_rewiring_the_ring_lattice():
    net = watts_strogatz(10, 4, 0.0, 1)
    assert net.neighbours(0).tolist() == [1, 2, 8, 9]
    assert net.neighbours(4).tolist() == [5, 6, 2, 3]
    assert net.neighbours(9).tolist() == [0, 1, 7, 8]


@pytest.mark.parametrize(("degree", "expected"), [(0, 0), (1, 0), (1.9, 0), (5, 4), (6.7, 6)])
def test_ring_takes_half_the_degree_on_each_side(degree, expected):
    assert watts_strogatz(100, degree, 0.0, 1).mean_degree == expected


def test_rewired_share_is_the_share_asked_for():
    n = 20_000
    for rewiring in (0.05, 0.3, 1.0):
        net = watts_strogatz(n, 10, rewiring, 3)
        walk = (net.people - rows(net)) % n
        far = (walk > 5) & (walk < n - 5)
        assert far.mean() == pytest.approx(rewiring, abs=0.01)
        assert net.mean_degree == 10.0


def test_more_rewiring_keeps_what_was_rewired_before():
    lattice, little, much = (set(codes(watts_strogatz(5000, 6, p, 9))) for p in (0.0, 0.1, 0.2))
    assert len(little - lattice) > 1000
    assert len(little - lattice - much) < 60  # a place may be taken by then


def test_watts_strogatz_1998_clustering_of_the_lattice_and_its_fall():
    found = [clustering(watts_strogatz(1000, 10, p, 4)) for p in (0.0, 0.1, 1.0)]
    assert found[0] == pytest.approx(3 * (10 - 2) / (4 * (10 - 1)))
    assert found[1] == pytest.approx(found[0] * 0.9**3, rel=0.1)  # Barrat & Weigt 2000
    assert found[2] < 0.03


def test_barabasi_albert_1999_tail_falls_as_degree_squared():
    degrees = np.diff(scale_free(50_000, 6, 2).start)
    assert degrees.min() == 3
    assert degrees.max() > 200
    for k in (6, 12, 30):  # share with k or more acquaintances: m (m + 1) / (k (k + 1))
        assert (degrees >= k).mean() == pytest.approx(3 * 4 / (k * (k + 1)), rel=0.1)


@pytest.mark.parametrize("degree", [1, 3, 5, 4.6])
def test_scale_free_meets_odd_and_fractional_degrees(degree):
    assert scale_free(20_000, degree, 1).mean_degree == pytest.approx(degree, abs=0.01)


def test_erdos_renyi_1959_degrees_are_as_chance_has_them():
    degrees = np.diff(random_graph(20_000, 8, 7).start)
    assert degrees.sum() == 20_000 * 8
    assert degrees.var() == pytest.approx(8.0, rel=0.05)  # Poisson
    assert (degrees == 0).mean() == pytest.approx(np.exp(-8.0), abs=3e-4)


@pytest.mark.parametrize("degree", [0.5, 2, 3])
def test_erdos_renyi_all_pairs_are_equally_likely(degree):
    n, runs = 5, 4000
    counts = np.zeros(n * n)
    for seed in range(runs):
        counts[codes(random_graph(n, degree, seed))] += 1
    share = counts.reshape(n, n)[np.triu_indices(n, 1)] / runs
    edges = int(n * degree / 2 + 0.5)
    assert share.sum() == pytest.approx(edges)
    assert np.abs(share - edges / 10).max() < 0.04  # five standard errors


@pytest.mark.parametrize("kind", GROWN)
def test_markets_no_larger_than_the_degree_know_everybody(kind):
    for n in range(13):
        net = build(kind, n, 12, 0.5, 1)
        assert_lawful(net, n)
        assert len(net.people) == n * max(0, n - 1)


@pytest.mark.parametrize("kind", [*GROWN, "none"])
def test_fewer_than_three_people_work(kind):
    for n in range(4):
        for degree in (0, 0.5, 1, 2):
            assert_lawful(build(kind, n, degree, 1.0, 1), n)
    assert build(kind, 0, 4, 0.0, 1).mean_degree == 0.0


def test_from_edges_drops_doubles_and_sorts():
    net = from_edges(6, [[4, 1], [1, 4], [1, 0], [1, 2], [4, 1]])
    assert_lawful(net, 6)
    assert net.neighbours(1).tolist() == [2, 4, 0]
    assert net.neighbours(5).tolist() == []
    assert from_edges(3, []).mean_degree == 0.0


def test_from_edges_gives_back_a_network():
    net = scale_free(500, 6, 3)
    assert digest(from_edges(500, np.column_stack([rows(net), net.people]))) == digest(net)


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([[0, 1], [2, 3]], r"edges\[1\]: person 3 does not exist: ids go from 0 to 2"),
        ([[0, -1]], r"edges\[0\]: person -1 does not exist"),
        ([[0, 1], [2, 2]], r"edges\[1\]: person 2 cannot be their own acquaintance; remove"),
        ([[0, 1, 2]], r"shape \(1, 3\)"),
    ],
)
def test_from_edges_refuses_with_the_row(edges, words):
    with pytest.raises(ValueError, match=words):
        from_edges(3, edges)


def test_from_edges_refuses_ids_that_are_no_integers():
    with pytest.raises(TypeError, match="integers"):
        from_edges(3, [[0.0, 1.5]])


def test_from_file_reads_commas_blanks_and_headings(tmp_path):
    path = tmp_path / "known.csv"
    path.write_text("\ufeff# who, whom\n0,1\n\n1 2\n  2 , 1\r\n3\t0\n", encoding="utf-8")
    net = from_file(path, 5)
    assert_lawful(net, 5)
    assert sorted(codes(net).tolist()) == [1, 3, 5, 7, 11, 15]
    assert digest(build("file", 5, 0, 0.0, 1, file=path)) == digest(net)
    path.write_text("", encoding="utf-8")
    assert from_file(str(path), 5).mean_degree == 0.0


def test_from_file_lists_all_faults_with_file_and_line(tmp_path):
    path = tmp_path / "wrong.csv"
    path.write_text("who,whom\n0,1\n1,9\n2,2\n1,2,3\n1.0 2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="whole numbers") as caught:
        from_file(path, 5)
    faults = str(caught.value).splitlines()
    assert [fault.split(": ")[0] for fault in faults] == [f"{path}:{line}" for line in (1, 3, 4, 5, 6)]
    assert '(got "who,whom")' in faults[0]
    assert "person 9 does not exist: ids go from 0 to 4; mend" in faults[1]


def test_from_file_lists_no_more_than_ten_faults(tmp_path):
    path = tmp_path / "wrong.csv"
    path.write_text("x\n" * 25, encoding="utf-8")
    with pytest.raises(ValueError, match="15 more lines are wrong"):
        from_file(path, 5)


def test_from_file_says_why_it_cannot_be_read(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere\.csv: cannot be read: No such file"):
        from_file(tmp_path / "nowhere.csv", 5)
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"0,1\n\xff\xfe\n")
    with pytest.raises(ValueError, match="not UTF-8"):
        from_file(path, 5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("scalefree", 5, 2, 0.0, 1), r'unknown kind \(got "scalefree"\); did you mean "scale_free"'),
        (("xyz", 5, 2, 0.0, 1), "take one of watts_strogatz"),
        (("file", 5, 2, 0.0, 1), "needs a file"),
        (("random", -1, 2, 0.0, 1), r"got -1"),
        (("random", 5, -2, 0.0, 1), r"degree: .* 0 or more \(got -2\)"),
        (("scale_free", 5, float("nan"), 0.0, 1), "degree"),
        (("watts_strogatz", 5, 2, 1.5, 1), r"rewiring: .* 0 to 1 \(got 1.5\)"),
        (("watts_strogatz", 50, 2, 0.5, -1), "seed"),
    ],
)
def test_build_refuses_what_no_network_can_have(arguments, words):
    with pytest.raises(ValueError, match=words):
        build(*arguments)


def test_more_pairs_than_can_be_counted_are_refused_before_they_are_read() -> None:
    ends = np.broadcast_to(np.int32(0), (2**30,))
    with pytest.raises(ValueError, match=r"contacts: at most 1,073,741,823 pairs \(got 1,073,741,824\)"):
        network._network(10, ends, ends)
