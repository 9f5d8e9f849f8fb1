"""Goals: a target for a figure and a date, who owns it, where it will end, and what the week says of all of them.

Nouns: goal, figure, baseline, projection, weekly review, decision. Nothing here scans orders or changes a figure.
"""
