"""What shops' pages, apps and servers tell as it happens, in the form of Segment's tracking API.

A *delivery* is one request as it came; it is in the inbox, on disk, before it is answered. A *call* is one thing it
tells (track, page, screen, identify, group, alias); what is no call goes to quarantine with its reason, and the rest of
its delivery lands. Nothing here decides who somebody is or what follows from what happened.
"""
