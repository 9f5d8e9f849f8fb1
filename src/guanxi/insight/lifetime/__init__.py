"""What customers will still buy: models of purchases and of their value, pure and knowing nothing of the book."""
