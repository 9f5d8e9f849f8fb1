"""Orders that follow from events: what a shop's pages and servers tell of an order is put together into one.

An order of the stream is a function of the set of its events, so it comes out the same in whatever order they arrive
and however often. An order that a file or a person wrote stays as they wrote it.
"""
