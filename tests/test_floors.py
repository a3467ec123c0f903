"""The floors of the architecture: a file imports from lower floors only, and never in a circle."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]

FLOORS = {
    "sim": 4,  # the public names reach as high as this: a file that imports the package itself stands above
    "sim.compiled": 0,
    "sim.lean_mesa": 0,
    "sim.kept": 0,
    "sim.plain": 0,
    "sim.maths": 0,
    "sim.model_version": 0,
    "sim.draws": 0,
    "sim.columns": 0,
    "sim.bundles": 0,
    "sim.rules": 0,
    "sim.scenario": 0,
    "sim.meanings": 0,
    "sim.margin": 0,
    "sim.scale": 0,
    "sim.terms": 0,
    "sim.intervals": 0,
    "sim.terminal": 0,
    "sim.folders": 0,
    "sim.extras": 0,
    "sim.network": 1,
    "sim.ledger": 0,
    "sim.traits": 1,
    "sim.memory": 2,
    "sim.carried_out": 2,
    "sim.named_codes": 1,
    "sim.own_numbers": 1,
    "sim.given": 0,
    "sim.value": 1,
    "sim.behaviours": 2,
    "sim.mechanisms": 0,
    "sim.policies": 2,
    "sim.metrics": 2,
    # twins of a run: measures that let other months pass
    "sim.metrics.balance": 3,
    "sim.metrics.margins": 3,
    "sim.metrics.causes": 3,
    "sim.metrics.drivers": 3,
    "sim.metrics.spreading": 3,
    "sim.snapshots": 3,
    "sim.surveys": 2,
    "sim.market": 3,
    "sim.user_errors": 3,
    "sim.swaps": 3,
    "sim.diary": 3,
    "sim.failures": 3,
    "sim.life_events": 3,
    "sim.lives_told": 3,
    "sim.sentences": 3,
    "sim.first_names": 0,
    # pictures take tables and need no market, so that a run can draw itself
    "sim.show": 3,
    # the explorer lets markets live, and prepares them
    "sim.show.worlds_tried": 4,
    "sim.show.exploring": 6,
    "sim.show.controls": 6,
    "sim.show.panes": 6,
    "sim.show.widgets": 6,
    "sim.show.report": 4,
    "sim.tables": 4,
    "sim.runs": 4,
    "sim.repeating": 4,
    "sim.futures": 4,
    "sim.side_by_side": 3,
    "sim.defection": 4,
    "sim.forecasts": 4,
    "sim.switching": 3,
    "sim.lifetime": 4,
    "sim.saved": 4,
    "sim.saved_runs": 2,
    "sim.alternatives": 4,
    "sim.comparison": 4,
    "sim.comparing": 4,
    "sim.twins": 4,
    "sim.tallies": 4,
    "sim.headlines": 4,
    "sim.kept_seeds": 4,
    "sim.assumed": 4,
    "sim.trials": 4,
    "sim.stress": 4,
    "sim.turning": 4,
    "sim.sureness": 4,
    "sim.lives": 4,
    "sim.worlds": 4,
    "sim.contracts": 4,
    "sim.function_contracts": 4,
    "sim.checking": 4,
    "sim.concepts": 5,
    "sim.explaining": 5,
    "sim.experiments": 5,
    "sim.calibrate": 5,
    "sim.teach": 5,
    "sim.classroom": 6,
    "sim.prepare": 6,
    "sim.verify": 6,
    "sim.doctor": 6,
    "sim.commands": 7,
    "sim.cli": 7,
}
"""A file, or a package for all its files, and its floor; the longest name that fits counts."""


def files() -> dict[str, Path]:
    """Every module of the package and its file."""
    found = {}
    for path in sorted((ROOT / "sim").rglob("*.py")):
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = files()


def floor(module: str) -> int:
    name = module
    while name not in FLOORS:
        name = name.rpartition(".")[0]
    if name == "sim" and module != "sim":
        raise AssertionError(f"{module} has no floor: put it into FLOORS, as low as it can be")
    return FLOORS[name]


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def imported(module: str, *, lazily: bool = True) -> set[str]:
    """Modules of ours that a file imports, those inside functions too; not those that only types need."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if is_for_types(node):
            return
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not lazily:
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: imports are written out, from sim.… on"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                is_constant = node.module == "sim" and alias.name.startswith("__")
                found.add(inner if inner in MODULES else "sim.maths" if is_constant else str(node.module))
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(MODULES[module].read_text(encoding="utf-8")))
    return found


def test_every_file_has_a_floor():
    assert all(floor(module) >= 0 for module in MODULES)


def test_no_file_imports_from_a_higher_floor():
    upward = [
        f"{module} (floor {floor(module)}) imports {name} (floor {floor(name)})"
        for module in MODULES
        if module != "sim"
        for name in sorted(imported(module) & MODULES.keys())
        if floor(name) > floor(module)
    ]
    assert upward == []


def test_no_files_import_each_other_in_a_circle():
    edges = {
        module: (imported(module, lazily=False) & MODULES.keys()) - {module, "sim"} for module in MODULES
    }
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path[path.index(module) :], module))
        if module not in done:
            for name in sorted(edges[module]):
                walk(name, (*path, module))
            done.add(module)

    for module in MODULES:
        walk(module, ())


def test_mesa_is_imported_by_the_market_only():
    assert [module for module in MODULES if "sim.lean_mesa" in imported(module)] == ["sim.market"]
    assert not [m for m in MODULES if any(name.split(".")[0] == "mesa" for name in imported(m))]


def test_numpys_own_generators_are_used_nowhere():
    used = []
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_attribute = (
                isinstance(node, ast.Attribute)
                and node.attr == "random"
                and ast.unparse(node.value) in ("np", "numpy")
            )
            names = (
                [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
            )
            where = node.module if isinstance(node, ast.ImportFrom) else ""
            if is_attribute or where in ("numpy.random", "random") or {"random", "numpy.random"} & {*names}:
                used.append(f"{module}:{node.lineno}")
    assert used == []


def test_a_star_is_imported_nowhere():
    starred = [
        module
        for module, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]
    assert starred == []
