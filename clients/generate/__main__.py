"""Writes the generated files of clients/python anew; those that the document no longer asks for are removed."""

from clients.generate.package import CLIENT, generated, present


def main() -> None:
    texts = generated()
    for path in present().keys() - texts.keys():
        (CLIENT / path).unlink()
    for path, text in texts.items():
        target = CLIENT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


main()
