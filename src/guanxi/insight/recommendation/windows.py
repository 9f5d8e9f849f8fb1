"""Over which days recommendations look, counted back from the last day observed."""

JUST_DAYS = 90  # what was bought in these days is not offered again
SOLD_DAYS = 180  # what nobody bought in these days is no longer to be had
LATELY_DAYS = 90  # what most buy is counted over these days
SEEN_DAYS = 1_096
