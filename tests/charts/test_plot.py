"""Charts are images of what they are given: the same bytes for the same data, names and all."""

from xml.etree import ElementTree as ET

import pytest

from service.charts.plot import Bar, Curve, ImageFormat, Mark, Theme, draw_bars, draw_curves

FALLING = tuple((float(step), 2.0 / (step + 1)) for step in range(40))
SVG = "{http://www.w3.org/2000/svg}"


async def draw(image: ImageFormat = "svg", theme: Theme = "light", name: str = "validation") -> bytes:
    curves = [Curve(name="training", points=FALLING), Curve(name=name, points=FALLING[::4])]
    marks = [Mark(step=10, value=0.2), Mark(step=20, value=0.1, best=True)]
    return await draw_curves(curves, marks, title="gpt, v1", y_label="loss", image=image, theme=theme)


def read_texts(svg: bytes) -> set[str]:
    return {(element.text or "").strip() for element in ET.fromstring(svg).iter(f"{SVG}text")}


async def test_an_svg_keeps_its_texts_and_rings_the_best() -> None:
    texts = read_texts(await draw())
    assert {"training", "validation", "best", "step", "loss", "gpt, v1"} <= texts


async def test_a_png_is_one() -> None:
    assert (await draw("png")).startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize("image", ["svg", "png"])
async def test_the_same_data_gives_the_same_bytes(image: ImageFormat) -> None:
    assert await draw(image) == await draw(image)
    assert await draw(image, "dark") != await draw(image)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "$x_{1}$ \\frac{", "_hidden", "ä" * 300, ""])
async def test_any_name_is_drawn_as_text(name: str) -> None:
    svg = await draw(name=name)
    assert b"<script" not in svg
    assert any(name[:20] in text for text in read_texts(svg))


async def test_no_points_and_points_that_are_no_numbers_draw_an_empty_chart() -> None:
    odd = Curve(name="odd", points=((1.0, float("nan")), (2.0, float("inf"))))
    for curves in ([], [odd]):
        assert (await draw_curves(curves, title="", y_label="", image="svg", theme="light")).startswith(b"<?xml")


async def test_bars_show_their_values_and_intervals() -> None:
    bars = [Bar(name="base", value=0.5), Bar(name="v1.0", value=0.625, low=0.55, high=0.7)]
    texts = read_texts(await draw_bars(bars, title="accuracy", x_label="score", image="svg", theme="dark"))
    assert {"base", "v1.0", "0.5", "0.625"} <= texts
