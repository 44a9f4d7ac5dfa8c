# Generated from openapi/openapi.json by `make clients`.
"""`client.ledger`."""

from __future__ import annotations

from tuneledger._calls import HttpCall, path, query
from tuneledger._sync._api import Api, Resource
from tuneledger.types import (
    ConsistencyProof,
    InclusionProof,
    LedgerCheckpoint,
    Tile,
)


class LedgerTiles(Resource):
    """`client.ledger.tiles`."""

    def get(self, level: int, number: int) -> Tile:
        """Get a tile of the audit tree: 256 hashes.

        A full tile never changes, so it may be cached forever. 404 while a tile is not full.

        Scope: `audit:read`.

        `level`: Level of the tile in the audit tree; 0 is the leaves.

        `number`: Number of the tile within its level, from 0.
        """
        return self._api.answer(HttpCall(method="GET", path=path("/v1/ledger/tiles/{}/{}", level, number)), Tile)


class Ledger(Resource):
    """`client.ledger`."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.tiles = LedgerTiles(api)

    def checkpoint(self) -> LedgerCheckpoint:
        """Get the latest signed checkpoint of the log.

        A worker signs new events within seconds. 404 until the first event is sealed.

        Scope: `audit:read`.
        """
        return self._api.answer(HttpCall(method="GET", path="/v1/ledger/checkpoint"), LedgerCheckpoint)

    def prove_event(self, *, seq: int, size: int) -> InclusionProof:
        """Prove that an event is in the log.

        Scope: `audit:read`.

        `seq`: Number of the event in the log.

        `size`: Number of events in the tree; at most as many as are sealed.
        """
        return self._api.answer(
            HttpCall(method="GET", path="/v1/ledger/proofs/inclusion", query=query({"seq": seq, "size": size})),
            InclusionProof,
        )

    def prove_growth(self, *, from_size: int, to_size: int) -> ConsistencyProof:
        """Prove that the log only grew.

        Scope: `audit:read`.

        `from_size`: Number of events in the tree; at most as many as are sealed.

        `to_size`: Number of events in the tree; at most as many as are sealed.
        """
        return self._api.answer(
            HttpCall(
                method="GET",
                path="/v1/ledger/proofs/consistency",
                query=query({"from_size": from_size, "to_size": to_size}),
            ),
            ConsistencyProof,
        )
