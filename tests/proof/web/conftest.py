"""Somebody who has just signed up at the running portal, as on the road."""

from tests.road.conftest import ana_of_class

__all__ = ["ana_of_class"]
