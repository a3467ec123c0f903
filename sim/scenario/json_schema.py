"""The JSON Schema of the scenario file, for editors."""

from __future__ import annotations

from typing import Any

from sim.scenario.parameters import BY_CUSTOMER, FORMAT
from sim.scenario.tables import Tables
from sim.scenario.traits import TraitTable


def schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file: an editor completes names and underlines what is out of range.

    Returns
    -------
    dict
        Draft 2020-12; each parameter with its meaning, unit, range, default, source and confidence.
    """
    made = Tables.model_json_schema(by_alias=True)
    tables = made["$defs"]
    for table in (made, *tables.values()):
        for field in table.get("properties", {}).values():
            if unit := field.get("unit"):
                field["description"] = f"{field['description']} [{unit}]"
            reference = field.get("$ref", "").rpartition("/")[2]
            if reference in {trait.__name__ for trait in TraitTable.__subclasses__()}:
                _allow_bare_number(field, tables[reference]["properties"]["mean"])
    decisions = tables["PlanTable"]["properties"]
    tables["RuleTable"]["properties"]["then"] |= {
        "properties": {name: {**decisions[name]} for name in BY_CUSTOMER},
        "additionalProperties": False,
        "minProperties": 1,
    }
    tables["FirmTable"]["properties"]["policy"]["anyOf"][1] |= {
        "required": ["name"],
        "properties": {"name": {"type": "string"}},
    }
    for decision in tables["RuleTable"]["properties"]["then"]["properties"].values():
        del decision["default"]
    made["properties"]["tenfold"]["const"] = FORMAT
    made["required"] = ["tenfold"]
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "Tenfold scenario"
    return made


def _allow_bare_number(field: dict[str, Any], mean: dict[str, Any]) -> None:
    """A trait is a table, or a number: everybody alike."""
    limits = {key: mean[key] for key in ("minimum", "maximum") if key in mean}
    field["anyOf"] = [{"$ref": field.pop("$ref")}, {"type": "number", **limits}]
