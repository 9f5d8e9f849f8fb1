"""What the shop sells, and where to."""
