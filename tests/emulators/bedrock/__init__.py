"""An emulator of Amazon Bedrock and the part of S3 that it needs, as botocore describes them."""

from tests.emulators.bedrock.server import BedrockEmulator, emulate

__all__ = ["BedrockEmulator", "emulate"]
