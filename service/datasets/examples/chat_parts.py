"""The parts of a chat message: text, images, audio, video, files, in the shapes of OpenAI and vLLM. Pure."""

from typing import Literal

import msgspec


class Closed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A JSON object that refuses unknown fields. An optional field that is null is left out."""


class TextPart(Closed, frozen=True, kw_only=True, tag_field="type", tag="text"):
    text: str
    """The text."""


class ImageUrl(Closed, frozen=True, kw_only=True):
    url: str
    """Address of the image, or a data URL."""
    detail: Literal["auto", "low", "high"] | None = None
    """The resolution at which the model reads the image."""


class ImagePart(Closed, frozen=True, kw_only=True, tag_field="type", tag="image_url"):
    image_url: ImageUrl
    """The image."""


class InputAudio(Closed, frozen=True, kw_only=True):
    data: str
    """The audio in base64."""
    format: str
    """Its format, such as `wav` or `mp3`."""


class AudioPart(Closed, frozen=True, kw_only=True, tag_field="type", tag="input_audio"):
    input_audio: InputAudio
    """The audio."""


class MediaUrl(Closed, frozen=True, kw_only=True):
    url: str
    """Address of the audio or video, or a data URL."""


class AudioUrlPart(Closed, frozen=True, kw_only=True, tag_field="type", tag="audio_url"):
    audio_url: MediaUrl
    """The audio."""


class VideoPart(Closed, frozen=True, kw_only=True, tag_field="type", tag="video_url"):
    video_url: MediaUrl
    """The video."""


class FileData(Closed, frozen=True, kw_only=True):
    file_data: str | None = None
    """The file as a data URL, or its address."""
    file_id: str | None = None
    """The id of a file at the provider."""
    filename: str | None = None
    """The file's name."""


class FilePart(Closed, frozen=True, kw_only=True, tag_field="type", tag="file"):
    file: FileData
    """A document, such as a PDF."""


UserPart = TextPart | ImagePart | AudioPart | AudioUrlPart | VideoPart | FilePart
