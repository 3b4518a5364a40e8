"""What one contact of the synthetic world tells is consistent, and the whole is believable."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from vendors.world import STAFF, AccountProfile, Contact, Hours, World, pace
from vendors.world.texts import HOSTILE

NOW = datetime(2026, 3, 20, 13, 47, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PROFILE = AccountProfile(
    "everything",
    channels=("chat", "call", "email", "whatsapp"),
    channel_weights=(5, 2, 2, 1),
    bot=True,
)
ACCOUNT = World(7, lambda: NOW).account(PROFILE)
ENDED = [c for c in ACCOUNT.contacts(NOW - 90 * DAY, NOW - 6 * DAY) if not c.open]


def of_people(channel: str | None = None) -> list[Contact]:
    """Return the contacts that somebody had in hand."""
    return [c for c in ENDED if c.stints and channel in {None, c.channel}]


def test_times_follow_each_other() -> None:
    for contact in ENDED:
        moments = (
            contact.started_at,
            contact.queued_at,
            contact.assigned_at,
            contact.first_response_at,
            contact.ended_at,
            contact.reopened_at,
        )
        known = [at for at in moments if at is not None]
        assert known == sorted(known)
        assert all(at.tzinfo is UTC and at.microsecond == 0 for at in known)
        assert contact.created_at == contact.started_at
        assert len(contact.closings) == 1 + (contact.reopened_at is not None)
        assert contact.closings[0] == contact.ended_at


def test_messages_lie_between_the_beginning_and_the_last_closing() -> None:
    for contact in ENDED:
        written = [message.at for message in contact.messages]
        assert written == sorted(written)
        assert all(contact.started_at <= at <= contact.closings[-1] for at in written)
        authors = Counter(message.author for message in contact.messages)
        assert contact.received == authors["customer"]
        assert contact.sent == authors["agent"] + authors["bot"]


def test_the_first_response_is_the_first_message_of_a_person() -> None:
    for contact in of_people():
        by_people = [message.at for message in contact.messages if message.author == "agent"]
        if contact.channel == "call":
            assert contact.first_response_at in {None, contact.assigned_at}
        else:
            assert contact.first_response_at == (by_people[0] if by_people else None)
            assert contact.answered is bool(by_people)


def test_a_reply_answers_the_first_message_that_waits() -> None:
    for contact in of_people("chat"):
        for asked, replied in contact.replies:
            between = [m for m in contact.messages if asked <= m.at < replied]
            assert between[0].author == "customer"
            assert all(message.author != "agent" for message in between)
        answers = Counter(message.author for message in contact.messages)["agent"]
        assert len(contact.replies) <= answers


def test_abandonment_is_what_it_is_called() -> None:
    seen = Counter(contact.abandoned for contact in ENDED)
    assert set(seen) == {None, "queue", "ivr", "operator"}
    for contact in ENDED:
        if contact.abandoned == "ivr":
            assert contact.channel == "call"
            assert contact.queued_at is None
        if contact.abandoned in {"ivr", "queue"}:
            assert (contact.staff_id, contact.assigned_at, contact.stints) == (None, None, ())
        if contact.abandoned == "operator":
            assert contact.staff_id is not None
        if contact.abandoned is not None:
            assert not contact.answered
            assert (contact.rating, contact.survey, contact.sales) == (None, None, ())
        elif not contact.bot:
            assert contact.answered


def test_the_bot_has_no_times_of_a_person() -> None:
    assert ACCOUNT.bot is not None
    by_the_bot = [contact for contact in ENDED if contact.bot]
    assert len(by_the_bot) > len(ENDED) / 10
    for contact in by_the_bot:
        assert contact.staff_id == ACCOUNT.bot.id
        assert (contact.first_response_at, contact.first_response_seconds) == (None, None)
        assert (contact.stints, contact.actions, contact.replies) == ((), (), ())
        assert {m.author for m in contact.messages} <= {"customer", "bot", "system"}
    assert ACCOUNT.bot in ACCOUNT.staff
    assert ACCOUNT.bot not in ACCOUNT.people
    assert not ACCOUNT.presence(ACCOUNT.bot.id, NOW - DAY, NOW)


def test_actions_are_those_of_the_person_who_had_it_in_hand() -> None:
    kinds = Counter[str]()
    for contact in of_people():
        for action in contact.actions:
            assert action.staff_id == contact.staff_id
            assert any(
                start <= action.at <= end for start, end in contact.stints if end is not None
            )
            kinds[action.kind] += 1
        closed = sum(action.kind == "Closed" for action in contact.actions)
        assert closed == len(contact.closings) - (contact.ended_by != "agent")
    assert set(kinds) == {"Message", "Closed", "Data", "Note"}


def test_some_contacts_come_back() -> None:
    back = [contact for contact in ENDED if contact.reopened_at is not None]
    assert len(ENDED) / 200 < len(back) < len(ENDED) / 10
    for contact in back:
        assert len(contact.stints) == 2
        assert contact.stints[1] == (contact.reopened_at, contact.closings[1])


def test_sales_and_surveys_come_after_the_answer() -> None:
    answered = [contact for contact in ENDED if contact.answered]
    bought = [contact for contact in answered if contact.sales]
    asked = [contact for contact in answered if contact.survey]
    assert len(bought) / len(answered) == pytest.approx(PROFILE.sale_rate, abs=0.02)
    assert len(asked) / len(answered) == pytest.approx(PROFILE.survey_share, abs=0.02)
    currencies = {site.id: site.currency for site in PROFILE.sites}
    for contact in bought:
        (sale,) = contact.sales
        assert contact.first_response_at is not None
        assert sale.at > contact.first_response_at
        assert sale.amount == round(sale.amount, 2) > 0
        assert (sale.currency, sale.contact_id) == (currencies[contact.site_id], contact.id)
    for contact in asked:
        assert contact.survey is not None
        assert contact.ended_at is not None
        assert contact.survey.at > contact.ended_at
        assert 0 <= contact.survey.nps <= 10
        assert 0 <= contact.survey.welcome <= 1


def test_sales_of_a_window_are_those_of_contacts_and_those_of_the_sites_alone() -> None:
    start = NOW - 10 * DAY
    every = ACCOUNT.sales(start, NOW)
    after = ACCOUNT.sales(start, NOW, contacts_only=True)
    assert [sale for sale in every if sale.contact_id is not None] == after
    assert len({sale.id for sale in every}) == len(every) > len(after) > 0
    assert all(start <= sale.at < NOW for sale in every)
    contacts = ACCOUNT.contacts(start - ACCOUNT.reach, NOW)
    expected = [s for c in contacts for s in c.sales if start <= s.at < NOW]
    assert sorted(sale.id for sale in after) == sorted(sale.id for sale in expected)


def test_events_count_on_the_day_on_which_they_happen() -> None:
    days = [NOW - number * DAY for number in range(10, 0, -1)]
    daily = [
        len(ACCOUNT.events(day, day + DAY, lambda c: ((at, None) for at in c.closings)))
        for day in days
    ]
    everything = ACCOUNT.contacts(NOW - 40 * DAY, NOW)
    assert sum(daily) == sum(days[0] <= at < NOW for c in everything for at in c.closings)


def test_ratings_are_as_good_as_the_profile_says() -> None:
    ratings = Counter(c.rating for c in ENDED if c.answered)
    rated = ratings["good"] + ratings["bad"]
    assert ratings["good"] / rated == pytest.approx(PROFILE.good_share, abs=0.02)
    assert rated / ratings.total() == pytest.approx(PROFILE.rated_share, abs=0.02)


def test_letters_of_the_night_are_answered_on_the_next_working_day() -> None:
    letters = [c for c in of_people("email") if c.assigned_at is not None]
    carried = [c for c in letters if c.assigned_at and c.assigned_at.date() > c.started_at.date()]
    assert len(carried) > 100
    assert all(
        contact.assigned_at - contact.started_at < ACCOUNT.reach
        for contact in carried
        if contact.assigned_at is not None
    )
    sundays = [c for c in letters if c.assigned_at and c.assigned_at.weekday() == 6]
    assert not sundays


def test_letters_that_nobody_ever_works_on_end_unanswered() -> None:
    deserted = dataclasses.replace(PROFILE, channels=("email",), channel_weights=(), staff=())
    account = World(7, lambda: NOW).account(deserted)
    letters = account.contacts(NOW - 20 * DAY, NOW - 10 * DAY)
    assert letters
    assert {(c.abandoned, c.ended_by, c.staff_id) for c in letters} == {("queue", "system", None)}


def test_busy_hours_are_busier_and_weekends_quieter() -> None:
    hours = Counter(c.started_at.astimezone(PROFILE.zone).hour for c in ENDED)
    assert hours[10] > 3 * hours[6] > 0
    days = Counter(c.started_at.astimezone(PROFILE.zone).weekday() for c in ENDED)
    assert days[0] > days[4] > days[5] > days[6] > 0


def test_customers_come_back_and_are_known_by_their_first_contact() -> None:
    new = ACCOUNT.customers(NOW - 90 * DAY, NOW - 6 * DAY)
    people = {contact.customer.key: contact.customer for contact in ENDED}
    assert len(new) < len(people) < len(ENDED)
    for contact in ENDED:
        assert contact.customer.since <= contact.started_at
        assert contact.customer.language == contact.language
    assert len({customer.email for customer in people.values()}) == len(people)
    assert all(customer.email.isascii() for customer in people.values())


def test_texts_speak_the_languages_of_the_sites_and_test_encoders() -> None:
    texts = {message.text for contact in ENDED for message in contact.messages}
    assert texts & set(HOSTILE)
    assert any("é" in text for text in texts)
    assert any("📦" in text for text in texts)
    assert {contact.language for contact in ENDED} == {site.language for site in PROFILE.sites}


def test_the_same_people_work_in_several_accounts() -> None:
    other = World(7).account(AccountProfile("other", staff=STAFF[2:9]))
    here = {member.email: member for member in ACCOUNT.people}
    there = {member.email: member for member in other.people}
    assert set(here) & set(there) == {person.email for person in STAFF[2:6]}
    for email in set(here) & set(there):
        assert here[email].given == there[email].given
        assert here[email].key != there[email].key


def test_members_are_found_by_their_id() -> None:
    assert [ACCOUNT.member(member.id) for member in ACCOUNT.staff] == list(ACCOUNT.staff)
    assert ACCOUNT.member(None) is None
    assert ACCOUNT.member(12) is None


def test_an_account_knows_nothing_from_before_it_was_opened() -> None:
    young = dataclasses.replace(PROFILE, opened=date(2026, 3, 1))
    account = World(7, lambda: NOW).account(young)
    found = account.contacts(datetime(2020, 1, 1, tzinfo=UTC), NOW)
    assert found[0].started_at >= datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert account.traffic(101, "chat", NOW - 900 * DAY, NOW - 800 * DAY).displays == 0
    assert not account.presence(account.people[0].id, NOW - 900 * DAY, NOW - 800 * DAY)


def test_an_account_may_be_open_day_and_night() -> None:
    always = dataclasses.replace(PROFILE, opening=(Hours(0, 24),) * 7, staff=STAFF)
    account = World(7, lambda: NOW).account(always)
    everybody = [member.id for member in account.people]
    covered = account.coverage(everybody, NOW - 7 * DAY, NOW)
    assert covered > 0.85 * 7 * DAY.total_seconds()


@pytest.mark.parametrize(
    "changes",
    [{"channel_weights": (1.0,)}, {"contacts_per_day": 50_000}],
    ids=["weights", "volume"],
)
def test_a_profile_that_cannot_be_told_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"channel_weights|contacts"):
        dataclasses.replace(PROFILE, **changes)  # type: ignore[arg-type]  # that is the point


def test_an_unknown_channel_is_answered_like_letters() -> None:
    assert pace("pigeon") == pace("email")
    assert not pace("pigeon").live
