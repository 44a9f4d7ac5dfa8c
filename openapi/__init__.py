"""The API's document, and the pages of the documentation that are made from it."""
