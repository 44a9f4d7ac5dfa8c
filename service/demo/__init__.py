"""The demo: the whole loop, walked over HTTP like any client, and the data it walks on."""
