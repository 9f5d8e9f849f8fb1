"""What recommendations cost beside the package `implicit`: cosine between goods, then the ten best for everybody.

Run with `python -m benchmarks.recommend [users] [items] [purchases]`: 100,000, 20,000 and 5,000,000 if left out. Both
get the same matrix, in the same run, with the threads that the machine has: `implicit` its CosineRecommender of fifty
neighbours, ours without shrinkage, so that both mean the same. Prints `name value unit ratio-to-what ratio` lines; a
ratio of a time is how many times faster ours is. `same` is the share of the goods' ten nearest whose nearness agrees.
"""

import os
import resource
import statistics
import sys
import time

import numpy as np

from guanxi.insight.recommendation.neighbours import similar
from guanxi.insight.recommendation.purchases import Rows
from guanxi.insight.recommendation.ranking import Shelf, rank

RUNS, NEAR, MOST = 3, 50, 10
PROMISED_MB = 2_048


def drawn(users, items, purchases):
    """Draw who bought what: some people buy much, few goods are bought by many, and tastes go together."""
    chance = np.random.default_rng(1)
    user = (users * chance.random(purchases) ** 1.4).astype(np.int64)
    taste = user % 20
    item = (items * chance.random(purchases) ** 2).astype(np.int64)
    item = np.where(chance.random(purchases) < 0.5, item // 20 * 20 + taste, item) % items
    keys = np.unique(user * items + item)
    return Rows.of((keys // items).astype(np.int32), (keys % items).astype(np.int32), users)


def timed(work):
    """Give the seconds on the clock that a piece of work takes, and what it gives."""
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def ours(owned, items):
    """Find neighbours, and rank for everybody what they do not have."""
    fitting, near = timed(lambda: similar(owned, items, most=NEAR, shrinkage=0.0, least=1))
    has, all_of = np.ones(len(owned.columns), bool), np.ones(items, bool)
    popular = np.arange(items, dtype=np.int32)
    ranking, _ranked = timed(lambda: rank(owned, has, near, Shelf(all_of, popular), most=MOST))
    return fitting, ranking, near


def theirs(owned, items):
    """Let the package do the same."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from implicit.nearest_neighbours import CosineRecommender
    from scipy.sparse import csr_matrix

    shape = (len(owned), items)
    matrix = csr_matrix((np.ones(len(owned.columns)), owned.columns, owned.ends), shape=shape)
    model = CosineRecommender(K=NEAR + 1)  # itself is among its neighbours
    fitting, _none = timed(lambda: model.fit(matrix, show_progress=False))
    everybody = np.arange(len(owned))
    ranking, _ranked = timed(lambda: model.recommend(everybody, matrix, N=MOST, filter_already_liked_items=True))
    return fitting, ranking, model.similarity


def agreement(near, similarity):
    """Say how many of the ten nearest are as near by the package."""
    rows = np.random.default_rng(2).choice(len(near.goods), min(500, len(near.goods)), replace=False)
    same, looked = 0, 0
    for row in rows:
        values = similarity[row].toarray().ravel()
        values[row] = 0
        best = np.sort(values)[::-1][:MOST]
        same += int((np.abs(best - near.scores[row, :MOST]) < 1e-5).sum())
        looked += MOST
    return same / looked


def megabytes():
    """Give the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(users=100_000, items=20_000, purchases=5_000_000):
    """Measure both on the same matrix: ours after a first run that compiles, the package once."""
    owned = drawn(users, items, purchases)
    print(f"{len(owned.columns)} different purchases", file=sys.stderr)
    ours(drawn(200, 50, 2_000), 50)
    runs = [ours(owned, items) for _nth in range(RUNS)]
    fitting, ranking = (statistics.median(run[place] for run in runs) for place in (0, 1))
    memory = megabytes()
    their_fit, their_rank, similarity = theirs(owned, items)
    print(f"recommend_fit {fitting:.2f} s implicit {their_fit / fitting:.2f}")
    print(f"recommend_top10 {ranking:.2f} s implicit {their_rank / ranking:.2f}")
    print(f"recommend_memory {memory:.0f} MB promise_2048 {memory / PROMISED_MB:.3f}")
    same = agreement(runs[0][2], similarity)
    print(f"recommend_same {same:.4f} share implicit {same:.4f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
