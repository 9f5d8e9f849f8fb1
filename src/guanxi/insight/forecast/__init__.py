"""Forecasts of daily figures: days in, days to come with their intervals out. Nothing here reads or writes anything."""
