"""Images in responses: their parameters, and how they stand in the OpenAPI document."""

import hashlib
from typing import Annotated

from litestar import Response
from litestar.params import QueryParameter

from service.charts.plot import MEDIA_TYPES, ImageFormat, Theme

ImageKind = Annotated[ImageFormat, QueryParameter(name="format", description="SVG, with texts as texts, or PNG.")]
Dark = Annotated[Theme, QueryParameter(description="Light or dark paper.")]
SVG = MEDIA_TYPES["svg"]


def build_image(content: bytes, image: ImageFormat) -> Response[bytes]:
    """The image with an ETag of its bytes. Scripts in it would not run: it has none, and may load nothing."""
    headers = {
        "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    return Response(content, media_type=MEDIA_TYPES[image], headers=headers)
