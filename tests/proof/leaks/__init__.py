"""The leak hunt: secrets are planted, the portal is driven and killed, and nothing it leaves behind may hold a piece of one."""
