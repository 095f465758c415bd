"""Blocks, as flows and people use them: saved, loaded, changed and deleted, with their secrets kept from who mustn't see."""

import json
import os
import tempfile
from pathlib import Path
from typing import Union

from prefect import flow, task
from prefect.blocks.core import Block
from prefect.blocks.notifications import SlackWebhook
from prefect.blocks.system import Secret
from prefect.blocks.webhook import Webhook
from prefect.filesystems import LocalFileSystem
from prefect.types import SecretDict
from pydantic import BaseModel, SecretStr
from scenarios import run_scenarios, scenario
from server_view import IS_PREFECT, api, status, unique
from spawn import prefect


def stored(block: Block, secrets: bool = False) -> dict:
    return api("GET", f"/block_documents/{block._block_document_id}?include_secrets={str(secrets).lower()}")


class Region(BaseModel):
    code: str
    zone: int = 1


class Account(Block):
    """Who we are to <others> & where."""

    _block_type_name = "Account of ours"
    _block_type_slug = "account-of-ours"
    user: str
    password: SecretStr
    region: Region = Region(code="eu")


class Tokens(Block):
    _block_type_name = "Tokens of ours"
    _block_type_slug = "tokens-of-ours"
    tokens: SecretDict


class Store(Block):
    _block_type_name = "Store of ours"
    _block_type_slug = "store-of-ours"
    _block_schema_capabilities = ["hold-goods"]
    access: Union[Account, Tokens]
    backup: Account
    rate: float = 1.0
    amount: int = 12345678901234567890


@scenario("a secret comes back whole, and is hidden from everybody else")
def secret():
    for value in ("s3cr3t ä 😀", {"user": "u", "n": [1, 2.0]}, 7, ["a"]):
        name = unique("secret")
        block = Secret(value=value)
        block.save(name)
        assert Secret.load(name).get() == value, value
        if not (IS_PREFECT and isinstance(value, dict)):
            assert stored(block)["data"] == {"value": "********"}, stored(block)
        assert stored(block, secrets=True)["data"] == {"value": value}
        Secret.delete(name)
        assert status("GET", f"/block_types/slug/secret/block_documents/name/{name}") == 404


@scenario("overwriting")
def overwriting():
    name = unique("over")
    first = Secret(value="one").save(name)
    try:
        Secret(value="two").save(name)
        raise AssertionError("a taken name was not refused")
    except ValueError as error:
        assert "already in use" in str(error), error
    assert Secret.load(name).get() == "one"
    assert Secret(value="two").save(name, overwrite=True) == first
    assert Secret.load(name).get() == "two"


@scenario("nested blocks, of one type and of several")
def nested():
    name = unique("store")
    backup = Account(user="b", password="pw-b")
    backup.save(f"{name}-backup")
    for access in (Account(user="a", password="pw-a", region=Region(code="us", zone=2)), Tokens(tokens={"x": "1", "y": {"z": "2"}})):
        access.save(f"{name}-access", overwrite=True)
        store = Store(access=access, backup=backup)
        store.save(name, overwrite=True)
        loaded = Store.load(name)
        assert type(loaded.access) is type(access), loaded
        assert loaded.backup.password.get_secret_value() == "pw-b" and loaded.backup.region == Region(code="eu")
        assert loaded.model_dump() == store.model_dump()
        assert (loaded.rate, loaded.amount) == (1.0, 12345678901234567890) and isinstance(loaded.rate, float)
        document = stored(store)
        assert document["data"]["backup"]["password"] == "********" and document["data"]["backup"]["user"] == "b", document
        assert document["block_document_references"]["backup"]["block_document"]["name"] == f"{name}-backup"
        assert document["block_schema"]["capabilities"] == ["hold-goods"]
    assert stored(store)["data"]["access"] == {"tokens": {"x": "********", "y": {"z": "********"}}}
    # A change of the nested block shows wherever it is used.
    Account(user="new", password="pw-new").save(f"{name}-backup", overwrite=True)
    assert Store.load(name).backup.user == "new"
    Store.delete(name)
    assert Account.load(f"{name}-backup").user == "new"


@scenario("a nested block without a name of its own")
def anonymous():
    name = unique("inline")
    Store(access=Account(user="in", password="line"), backup=Account(user="b", password="p")).save(name)
    loaded = Store.load(name)
    assert loaded.access.user == "in" and loaded.access.password.get_secret_value() == "line"


@scenario("classes change")
def changed():
    name = unique("changed")

    def declare(**fields):
        return type("Changing", (Block,), {"_block_type_slug": "changing", "__annotations__": fields, "__module__": __name__, **{"note": ""}})

    first = declare(host=str, note=str)
    first(host="h", note="n").save(name)
    second = declare(host=str, port=int, note=str)
    loaded = second.load(name, validate=False)
    assert loaded.host == "h" and loaded.note == "n"
    second(host="h", port=5, note="").save(name, overwrite=True)
    assert second.load(name).port == 5
    schemas = api("POST", "/block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [api("GET", "/block_types/slug/changing")["id"]]}}})
    assert len(schemas) == 2 and stored(second.load(name))["block_schema_id"] == schemas[0]["id"]


@scenario("blocks that come with Prefect")
def system():
    name = unique("hook")
    Webhook(method="POST", url="https://x.test/ä?a=1", headers={"k": "v"}).save(name)
    hook = Webhook.load(name)
    assert hook.url.get_secret_value() == "https://x.test/ä?a=1" and hook.method == "POST"
    slack = SlackWebhook(url="https://hooks.slack.test/services/a/b/c")
    slack.save(name)
    assert stored(slack)["data"]["url"] == "********"
    assert api("GET", "/block_types/slug/secret")["is_protected"]
    assert status("DELETE", f"/block_types/{api('GET', '/block_types/slug/secret')['id']}") == 403
    assert len(api("POST", "/block_types/filter", {})) >= 54
    assert {"read-path", "write-path", "notify"} <= set(api("GET", "/block_capabilities/"))
    assert "process" in api("GET", "/collections/views/aggregate-worker-metadata")["prefect"]


@scenario("a flow keeps its results in a block")
def results():
    with tempfile.TemporaryDirectory() as folder:
        name = unique("files")
        storage = LocalFileSystem(basepath=folder)
        storage.save(name)

        @task(persist_result=True, result_storage=f"local-file-system/{name}", result_storage_key="one.json", result_serializer="json")
        def compute():
            return {"n": 1}

        @flow(name=unique("with-storage"), persist_result=True, result_storage=f"local-file-system/{name}")
        def keeping():
            LocalFileSystem.load(name).write_path("by-hand.txt", b"hello")
            return compute()

        state = keeping(return_state=True)
        assert state.result() == {"n": 1}
        assert state.data.metadata.storage_block_id == storage._block_document_id
        assert (Path(folder) / "one.json").exists() and (Path(folder) / "by-hand.txt").read_bytes() == b"hello"
        api("PUT", "/admin/storage", {"default_result_storage_block_id": str(storage._block_document_id)})
        LocalFileSystem.delete(name)
        assert api("GET", "/admin/storage")["default_result_storage_block_id"] is None


@scenario("prefect block")
def command_line():
    name = unique("cli")
    block = Secret(value="hidden value")
    block.save(name)
    file = Path(os.environ["PREFECT_HOME"]) / "registered.py"
    slug = unique("filed")
    file.write_text(f'from prefect.blocks.core import Block\n\nclass Filed(Block):\n    _block_type_name = "{slug}"\n    _block_type_slug = "{slug}"\n    a: int\n')
    assert name in prefect("block", "ls")
    for options in ([f"secret/{name}"], ["--id", str(block._block_document_id)]):
        inspected = prefect("block", "inspect", *options)
        assert name in inspected and "hidden value" not in inspected, inspected
    assert "local-file-system" in prefect("block", "type", "ls")
    assert "Successfully registered" in prefect("block", "register", "--file", str(file))
    assert api("GET", f"/block_types/slug/{slug}")["is_protected"] is False
    shown = json.loads(prefect("block", "type", "inspect", slug, "-o", "json"))
    assert shown["block_type"]["slug"] == slug and list(shown["schema"]["fields"]["properties"]) == ["a"], shown
    assert slug in prefect("block", "create", slug)
    prefect("block", "create", unique("nothing"), code=1)
    prefect("block", "delete", f"secret/{name}")
    prefect("block", "delete", f"secret/{name}", code=1)
    prefect("block", "type", "delete", slug)
    prefect("block", "type", "delete", "secret", code=1)
    assert status("GET", f"/block_documents/{block._block_document_id}") == 404
    assert status("GET", f"/block_types/slug/{slug}") == 404


if __name__ == "__main__":
    run_scenarios()
