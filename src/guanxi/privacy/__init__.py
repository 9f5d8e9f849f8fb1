"""What the shop owes the people in its book: to ask, to tell, to forget.

Its nouns are the wording, the copy of one person, the erasure, the stone that keeps an erased person out, the rule of
retention. It keeps nothing of a person for itself, and never undoes an erasure.
"""
