"""Which contacts orders are put down to: rules and a model of journeys, pure and knowing nothing of the book."""
