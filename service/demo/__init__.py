"""The demo: walk the whole loop over HTTP, like any client, on data of its own."""
