"""Probable duplicates: people told twice in other words, found by weighing field by field what two records share.

`reading` opens files, `preparation` writes people in comparable forms, `blocking` chooses which pairs are looked at,
`comparisons` says how alike two values are, `model` learns the weights from the people themselves and scores the
pairs, `grouping` decides who is whom. Nothing here is tuned to one file.
"""
