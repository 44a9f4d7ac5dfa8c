"""A Modelfile, with which Ollama serves a GGUF file."""

import re

# How the known families write a chat, by what their templates contain, in Ollama's own template language.
CHATML = """{{ range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
"""
LLAMA3 = """{{ range .Messages }}<|start_header_id|>{{ .Role }}<|end_header_id|>

{{ .Content }}<|eot_id|>{{ end }}<|start_header_id|>assistant<|end_header_id|>

"""
FAMILIES = {"<|im_start|>": (CHATML, "<|im_end|>"), "<|start_header_id|>": (LLAMA3, "<|eot_id|>")}


def write_modelfile(gguf: str, *, chat_template: str | None, license_name: str | None) -> str:
    """Write the Modelfile of a GGUF file beside it. Without a known template, Ollama takes the file's own."""
    lines = [f"FROM ./{gguf}", "PARAMETER temperature 0"]
    family = next((each for marker, each in FAMILIES.items() if marker in (chat_template or "")), None)
    if family is not None:
        template, stop = family
        lines += [f'PARAMETER stop "{stop}"', f'TEMPLATE """{template}"""']
    if license_name is not None:
        lines.append(f'LICENSE """{re.sub(r"[^A-Za-z0-9 ._+-]", "", license_name)}"""')
    return "\n".join(lines) + "\n"
