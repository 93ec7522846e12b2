"""Files of the registry: every fault at once, with its place; people's YAML keeps its comments and its texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from signet.core.model.state import Slot
from signet.errors import InvalidData
from signet.registry import documents, editing

A = "a" * 64


def faults(model: type[documents.Record], data: str, path: str, **identity: str) -> list[str]:
    with pytest.raises(InvalidData) as caught:
        documents.parse(model, data.encode(), path, identity)
    return [str(fault) for fault in caught.value.faults]


def test_every_fault_with_pointer_and_line() -> None:
    data = "deployed:\n  - version: '../x'\n  - vrsion: 1\nreleased: nothing\ndesird: '1'\n"
    found = faults(documents.PlacementFile, data, "environments/production/cart.yaml")
    text = "\n".join(found)
    assert len(found) == 5
    assert "cart.yaml:2 #/deployed/0/version: it cannot be the name of a version" in text
    assert "cart.yaml:3 #/deployed/1" in text and "the key 'version' is missing" in text
    assert "the key 'vrsion' is unknown" in text
    assert "cart.yaml:4 #/released" in text
    assert "cart.yaml:5 #/desird: the key 'desird' is unknown (did you mean 'desired'?)" in text


def test_versions_are_texts_as_written() -> None:
    data = b"deployed:\n- version: 1.10\n- {version: 2.0, instance: 007}\nreleased: [1e3, 0x10, NO]\ndesired: 1.20\n"
    place = documents.parse(documents.PlacementFile, data, "environments/p/cart.yaml").noun("cart")
    assert place.deployed == (Slot("1.10"), Slot("2.0", "007"))
    assert place.released == ("0x10", "1e3", "NO") and place.desired == "1.20"
    assert place.versions == ("0x10", "1.10", "1.20", "1e3", "2.0", "NO")


@pytest.mark.parametrize("value", ["yes", "on", "1", "True", "t"])
def test_only_true_and_false_are_yes_or_no(value: str) -> None:
    found = faults(documents.EnvironmentFile, f"production: {value}\n", "environments/p.yaml")
    assert "true or false is expected" in found[0]


def test_a_slot_is_listed_once() -> None:
    found = faults(documents.PlacementFile, "deployed: ['1', '2']\n", "environments/p/cart.yaml")
    assert "the slot without an instance is listed twice" in found[0]
    found = faults(documents.PlacementFile, "released: ['1', '1']\n", "environments/p/cart.yaml")
    assert "the release 1 is listed twice" in found[0]


def test_path_and_content_agree() -> None:
    record = documents.SpecTestFile(service="billing", version="1.2.0", spec=A, result="passed")
    data = documents.to_json(record)
    documents.parse(documents.SpecTestFile, data, "x.json", {"service": "billing", "version": "1.2.0"})
    found = faults(documents.SpecTestFile, data.decode(), "x.json", service="billing", version="1.3.0")
    assert found == ["x.json:8 #/version: says '1.2.0', but its path says '1.3.0'"]


def test_another_kind_in_its_place_is_refused() -> None:
    data = documents.to_json(documents.HeadFile(service="cart", branch="main", version="1"))
    found = "\n".join(faults(documents.ManifestFile, data.decode(), "services/cart/versions/1.json"))
    assert "'head' is not known here; 'version' is expected" in found


def test_duplicate_keys_are_named() -> None:
    found = faults(documents.SpecTestFile, '{"result":"failed",\n"result":"passed"}', "x.json")
    assert found == ["x.json:2 #/result: the key 'result' stands here a second time"]


def test_equal_records_are_equal_bytes() -> None:
    one = documents.ManifestFile(service="cart", version="1", contracts={"b": A, "a": A})
    other = documents.ManifestFile(service="cart", version="1", contracts={"a": A, "b": A})
    assert documents.to_json(one) == documents.to_json(other)
    assert documents.to_json(one).endswith(b"}\n")
    assert documents.parse(documents.ManifestFile, documents.to_json(one), "x.json").noun() == other.noun()


def test_people_keep_their_comments() -> None:
    data = b"# who watches this\nproduction: true  # careful\norder: 3\n"

    def change(mapping: dict[str, object]) -> None:
        mapping["display_name"] = "Live"

    after = editing.edited(data, change).decode()
    assert "# who watches this" in after and "# careful" in after and "display_name: Live" in after


def test_every_key_that_people_may_write_is_documented() -> None:
    reference = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")
    section = reference.partition("## Files that people write")[2].partition("\n## ")[0]
    models = (documents.RegistryFile, documents.EnvironmentFile, documents.ServiceFile, documents.PlacementFile)
    models = (*models, documents.ChangesPolicy)
    for model in (*models, documents.SlotItem):
        for key in model.model_fields:
            assert f"`{key}`" in section, (model.__name__, key)


def test_a_later_format_is_refused() -> None:
    assert "'2' is not known here" in faults(documents.RegistryFile, "format: 2\n", "signet.yaml")[0]


def test_a_trust_mode_that_is_not_kept_is_refused_and_not_overlooked() -> None:
    assert (
        "'signed' is not known here" in faults(documents.RegistryFile, "format: 1\ntrust: signed\n", "signet.yaml")[0]
    )


def test_severities_of_changes_are_ids_and_levels() -> None:
    data = (
        b"format: 1\nchanges:\n  notice: 90\n  severity:\n    sunset-deleted: warning\n    endpoint-added: breaking\n"
    )
    told = documents.parse(documents.RegistryFile, data, "signet.yaml").changes
    assert (told.notice, dict(told.severity)) == (90, {"sunset-deleted": "warning", "endpoint-added": "breaking"})
    bad = "format: 1\nchanges:\n  notice: -1\n  severity:\n    endpoint-aded: breaking\n"
    bad += "    endpoint-added: fatal\n  x: 1\n"
    found = "\n".join(faults(documents.RegistryFile, bad, "signet.yaml"))
    assert "signet.yaml:3 #/changes/notice" in found
    assert "there is no change with this id (did you mean 'endpoint-added'?)" in found
    assert "signet.yaml:6 #/changes/severity/endpoint-added: 'fatal' is not known here" in found
    assert "signet.yaml:7 #/changes/x: the key 'x' is unknown" in found
