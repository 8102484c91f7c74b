"""The page in every shape: what a browser reads of it, and what stands in its bytes."""

import json
import re
from typing import Any

import pytest
from tests.emulators.wordpress_visitor import elements, visiting


@pytest.mark.parametrize("path", ["/", "/chat", "/chat/"])
async def test_the_box_tells_all_that_a_chat_needs(path: str) -> None:
    async with visiting() as visitor:
        page = await visitor.send("GET", path)

        (box,) = elements(page.body.decode(), having="data-type")
        assert page.content_type == "text/html; charset=UTF-8"
        assert re.fullmatch("[0-9a-f]{10}", box.pop("data-nonce"))
        assert (
            box.items()
            >= {
                "class": "wpaicg-chat-shortcode",
                "data-type": "shortcode",
                "data-post-id": "2",
                "data-bot-id": "0",
                "data-url": f"{visitor.emulator.url}/",
                "data-openai_stream_nav": "1",
                "data-assistant-enabled": "false",
            }.items()
        )


async def test_the_script_of_every_page_has_the_same_nonce_and_the_address() -> None:
    async with visiting() as visitor:
        page = (await visitor.send("GET", "/")).body.decode()

        found = re.search(r"wpaicgParams = (.*);", page)
        assert found is not None
        assert "\\/wp-admin\\/admin-ajax.php" in found[1]
        assert json.loads(found[1]) == {
            "ajax_url": f"{visitor.emulator.url}/wp-admin/admin-ajax.php",
            "search_nonce": elements(page, having="data-nonce")[0]["data-nonce"],
        }


@pytest.mark.parametrize(
    ("shape", "written"),
    [
        ("double", r'data-post-id="2"'),
        ("single", r"data-post-id='2'"),
        ("none", r"data-post-id=2 "),
        ("spaces", r'data-post-id = "2"'),
        ("entities", r'data-post-id="&#50;"'),
        ("order", r'data-post-id="2" data-nonce='),
    ],
)
async def test_another_way_of_writing_is_the_same_box(shape: str, written: str) -> None:
    async with visiting() as visitor:
        (plain,) = await visitor.boxes()

        visitor.emulator.scenario(attributes=shape)
        page = (await visitor.send("GET", "/")).body.decode()

        assert written in page
        assert elements(page, having="data-type") == [plain]


@pytest.mark.parametrize(
    ("shape", "attribute", "value", "in_script"),
    [
        ("missing_nonce", "data-nonce", None, False),
        ("search_nonce", "data-nonce", None, True),
        ("missing_post_id", "data-post-id", None, True),
        ("empty_post_id", "data-post-id", "", True),
    ],
)
async def test_a_page_can_lack_a_fact(
    shape: str, attribute: str, value: str | None, *, in_script: bool
) -> None:
    async with visiting(attributes=shape) as visitor:
        page = (await visitor.send("GET", "/")).body.decode()

        (box,) = elements(page, having="data-type")
        assert box.get(attribute) == value
        assert ("search_nonce" in page) is in_script


async def test_a_page_without_a_box_still_has_the_script() -> None:
    async with visiting(attributes="no_box") as visitor:
        page = (await visitor.send("GET", "/")).body.decode()

        assert elements(page, having="data-type") == []
        assert "search_nonce" in page


async def test_the_widget_writes_a_stray_less_than_before_its_post() -> None:
    async with visiting(attributes="widget") as visitor:
        (box,) = await visitor.boxes()

        assert (box["class"], box["data-type"]) == ("wpaicg-chatbox", "widget")
        assert box["data-post-id"] == "<2"


async def test_several_boxes_each_have_their_own_facts_and_one_nonce() -> None:
    async with visiting(attributes="second_box") as visitor:
        boxes = await visitor.boxes()

        facts = [(box["data-type"], box["data-bot-id"], box["data-post-id"]) for box in boxes]
        assert facts == [
            ("widget", "10420", "<261"),
            ("shortcode", "0", "2"),
            ("shortcode", "10420", "261"),
        ]
        assert len({box["data-nonce"] for box in boxes}) == 1


@pytest.mark.parametrize(
    ("scenario", "attribute", "value"),
    [
        ({"stream": False}, "data-openai_stream_nav", "0"),
        ({"dialect": "D0"}, "data-openai_stream_nav", "0"),
        ({"dialect": "D4", "assistant_mode": True}, "data-assistant-enabled", "true"),
    ],
)
async def test_the_page_hints_at_the_sites_options(
    scenario: dict[str, Any], attribute: str, value: str
) -> None:
    async with visiting(**scenario) as visitor:
        (box,) = await visitor.boxes()

        assert box[attribute] == value


@pytest.mark.parametrize("shape", ["double", "single", "none", "entities"])
async def test_the_box_of_d5_is_one_json_object(shape: str) -> None:
    async with visiting(dialect="D5", attributes=shape) as visitor:
        page = (await visitor.send("GET", "/")).body.decode()

        (box,) = elements(page, having="data-config")
        config = json.loads(box["data-config"])
        assert config["botId"] > 0
        assert config["ajaxUrl"] == f"{visitor.emulator.url}/wp-admin/admin-ajax.php"
        assert re.fullmatch("[0-9a-f]{10}", config["nonce"])
        assert elements(page, having="data-nonce") == []


async def test_the_box_of_d5_can_lack_its_nonce() -> None:
    async with visiting(dialect="D5", attributes="missing_nonce") as visitor:
        page = (await visitor.send("GET", "/")).body.decode()

        (box,) = elements(page, having="data-config")
        assert "nonce" not in json.loads(box["data-config"])


async def test_the_page_speaks_the_sites_language() -> None:
    async with visiting(locale="de") as visitor:
        page = await visitor.send("GET", "/")

        assert b'<html lang="de">' in page.body


async def test_another_path_is_a_page_not_found() -> None:
    async with visiting() as visitor:
        reply = await visitor.send("GET", "/wp-login.php")

        assert reply.status == 404
        assert b"<html>" in reply.body
