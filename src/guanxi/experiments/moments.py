"""What is known of many numbers without keeping them: how many, their mean, their spread; parts are joined exactly.

Source: Chan, Golub, LeVeque (1983), Algorithms for Computing the Sample Variance, The American Statistician 37(3).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Moments:
    """The count, the mean, the sum of squares about it, the least and the greatest of some numbers.

    >>> Moments.of([1, 2]) + Moments.of([3, 4]) == Moments.of([1, 2, 3, 4])
    True
    """

    n: int = 0
    mean: float = 0.0
    squares: float = 0.0
    least: float = 0.0
    greatest: float = 0.0

    @classmethod
    def of(cls, numbers: "list[float] | list[int]") -> "Moments":
        """Take the moments of numbers at hand."""
        found = cls()
        for number in numbers:
            found += cls(1, float(number), 0.0, float(number), float(number))
        return found

    def __add__(self, other: "Moments") -> "Moments":
        if not self.n or not other.n:
            return self if self.n else other
        n, apart = self.n + other.n, other.mean - self.mean
        least, greatest = min(self.least, other.least), max(self.greatest, other.greatest)
        if least == greatest:  # rounding must not make a spread of numbers that are all the same
            return Moments(n, least, 0.0, least, greatest)
        mean = self.mean + apart * (other.n / n)
        squares = self.squares + other.squares + apart * apart * (self.n * other.n / n)
        return Moments(n, mean, squares, least, greatest)

    @property
    def variance(self) -> float | None:
        """The unbiased variance; None of fewer than two."""
        return self.squares / (self.n - 1) if self.n > 1 else None

    @property
    def error(self) -> float | None:
        """The square of the mean's standard error; None of fewer than two."""
        return self.squares / (self.n - 1) / self.n if self.n > 1 else None


@dataclass(frozen=True)
class Pairs:
    """The moments of pairs: a metric `y` beside what was known before, `x`."""

    n: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    xy: float = 0.0
    yy: float = 0.0

    def __add__(self, other: "Pairs") -> "Pairs":
        if not self.n or not other.n:
            return self if self.n else other
        n, dx, dy = self.n + other.n, other.x - self.x, other.y - self.y
        both, weight = self.n * other.n / n, other.n / n
        return Pairs(
            n,
            self.x + dx * weight,
            self.y + dy * weight,
            self.xx + other.xx + dx * dx * both,
            self.xy + other.xy + dx * dy * both,
            self.yy + other.yy + dy * dy * both,
        )
