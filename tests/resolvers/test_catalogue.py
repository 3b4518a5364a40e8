"""Definitions: what an indicator is made of on each platform, in the vendors' own words."""

from __future__ import annotations

import pytest
from tests.fakes import platform_of
from tests.resolvers.measuring import Measuring, source_of

from resolvers.catalogue import Catalogue
from vendors.errors import BadInputError
from vendors.measures import Measurables, Merge


class Counted(Measuring):
    """A platform that puts its tables together whenever they are looked at."""

    looks = 0

    @property
    def measurables(self) -> Measurables:
        self.looks += 1
        return self._tables

    @measurables.setter
    def measurables(self, tables: Measurables) -> None:
        self._tables = tables


def test_a_definition_names_each_platform_that_measures_it_and_how() -> None:
    catalogue = Catalogue(
        [platform_of("one", measures=Measuring([], source_of())), platform_of("mute")]
    )

    found = catalogue.defined("SATISFACTION_RATE")

    assert (found.key, found.merge) == ("SATISFACTION_RATE", Merge.RATIO)
    (source,) = found.sources
    assert (source.platform, source.formula) == ("one", "(answered) / (contacts)")
    assert source.figures == ["fake.answered", "fake.contacts"]


def test_a_difference_is_written_as_one() -> None:
    catalogue = Catalogue([platform_of("one", measures=Measuring([], source_of()))])

    assert catalogue.defined("CONVERSATIONS_UNANSWERED").sources[0].formula == "contacts - answered"


def test_a_native_figure_is_defined_by_its_own_table() -> None:
    catalogue = Catalogue([platform_of("one", measures=Measuring([], source_of()))])

    found = catalogue.defined("fake.duration")

    assert (found.title, found.weighed_by) == ("d", "contacts")
    assert found.sources[0].figures == ["fake.duration"]


def test_what_no_platform_has_is_refused() -> None:
    with pytest.raises(BadInputError):
        Catalogue([platform_of("mute")]).defined("fake.duration")


def test_an_operation_makes_each_definition_once() -> None:
    port = Counted([], source_of())
    catalogue = Catalogue([platform_of("one", measures=port)])

    for _ in range(200):
        catalogue.defined("HANDLE_TIME")

    assert port.looks == 1
