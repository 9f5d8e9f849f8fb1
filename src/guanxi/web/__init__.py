"""The front door: URLs, home, health, the server and its supervisor. It holds no business of its own."""
