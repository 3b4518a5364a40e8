"""What the document of the REST API 2.0 offers, as it stands there: resource, method and path."""

DOCUMENTED = """
Client         GET     /client
Client         GET     /client/{id}
Website        GET     /website
Website        GET     /website/{id}
Website        PUT     /website/{id}
Operator       GET     /operator
Operator       GET     /operator/{id}
Operator       POST    /operator
Operator       PUT     /operator/{id}
Operator       DELETE  /operator/{id}
Operator       GET     /operator/live
Operator       GET     /operator/{id}/live
Operator       PUT     /operator/{id}/live
Operator       GET     /operator/{id}/statistic
Operator       GET     /operator/{id}/profile
Group          GET     /group
Group          GET     /group/{id}
Group          POST    /group
Group          PUT     /group/{id}
Group          DELETE  /group/{id}
Skill          GET     /skill
Skill          GET     /skill/{id}
Skill          POST    /skill
Skill          PUT     /skill/{id}
Skill          DELETE  /skill/{id}
Conversation   GET     /conversation.json-unicode
Conversation   GET     /conversation.json-unicode/{id}
Tag            GET     /tag
Tag            GET     /tag/{id}
Tag            POST    /tag
Transaction    GET     /transaction
Transaction    GET     /transaction/{id}
Satisfaction   GET     /satisfaction
Satisfaction   GET     /satisfaction/{id}
Statistic      GET     /statistic
Visitor        GET     /visitor
Visitor        GET     /visitor/{id}
Visitor        POST    /visitor
Visitor        PUT     /visitor/{id}
Visitor        DELETE  /visitor/{id}
Callmeeting    GET     /callmeeting
Odigocallback  POST    /odigocallback/pickup
Odigocallback  POST    /odigocallback/hangup
"""

_STRUCK_OUT = ("Client", "Website", "Tag", "Satisfaction", "Callmeeting", "Odigocallback")
"""The resources whose headings are struck out."""
STRUCK_OUT = {line.split()[-1] for line in DOCUMENTED.split("\n") if line.startswith(_STRUCK_OUT)}

INDICATORS = """
contact_answered_after_first_message_duration contact_answered_duration
contact_closed_after_last_message_duration contact_duration contact_number
contact_sent_message_number contact_received_message_number contact_unanswered_number
contact_missed_number contact_missed_with_busy_operators_number
contact_missed_with_no_operators_number contact_simultaneous_number
contact_waiting_abort_number contact_waiting_answered_number
contact_waiting_before_quit_duration contact_waiting_duration contact_waiting_number
contact_per_hour_average_number contact_per_hour_number rule_contact_rate rule_display_number
targeting_rule_triggered
max_and_partial_occupation_duration max_occupation_duration max_occupation_rate
non_production_duration non_production_rate presentation_duration production_smoothed_duration
presence_duration presence_smoothed_duration occupation_rate non_occupation_duration
non_occupation_rate max_and_partial_occupation_rate production_duration
satisfaction_delay_rate satisfaction_global_rate satisfaction_resolution_rate
satisfaction_respondent_number satisfaction_respondent_rate satisfaction_welcome_rate
occupation_duration
conversion_rate cart_after_contact_amount cart_global_amount transaction_after_contact_amount
transaction_after_contact_number transaction_total_amount transaction_total_number
transaction_after_contact_duration transaction_after_conversation_amount_per_hour
transaction_missed_with_busy_operators_amount transaction_missed_with_busy_operators_number
transaction_missed_with_no_operators_amount transaction_missed_with_no_operators_number
transaction_amount_per_conversation
"""
"""The indicators of `GET /statistic`: contacts, presence, satisfaction, transactions."""

_FILTERS: dict[str, str] = {
    "/operator": "id group_id website_id website_list skill_id name external_id",
    "/operator/live": "connected group_id website_id website_list skill_id name external_id id",
    "/group": "parent_id",
    "/skill": "operator_id parent_id",
    "/conversation.json-unicode": (
        "channel from to website_id operator_id visitor_id skill_id tag_id rule_id"
    ),
    "/tag": "website_id",
    "/transaction": "website_id operator_id conversation_id from to",
    "/satisfaction": "website_id operator_id conversation_id from to",
    "/statistic": "website_list channel resource resource_id indicators from to granularity",
    "/visitor": "unique_id external_id website_id",
    "/callmeeting": "website_id from to",
}
"""The filters of each list; `website_id` of the statistics is replaced by `website_list`."""
PARAMETERS = "\n".join(
    f"{path}  filters[{name}]" for path, names in _FILTERS.items() for name in names.split()
)
