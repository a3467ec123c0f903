"""The class game on pages: one process serves, one thread writes, other processes play the rounds.

`room` holds the open game, `writer` writes, `workers` plays, `live` tells everybody; `guard` lets in whom it may;
`student` and `console` are the pages; `serving` opens the door.
"""
