"""What the documents of the Reports API offer: the methods of 3.4, and what came later."""

DOCUMENTED = """
Chats      POST  /v3.4/reports/chats/duration
Chats      POST  /v3.4/reports/chats/tags
Chats      POST  /v3.4/reports/chats/total_chats
Chats      POST  /v3.4/reports/chats/ratings
Chats      POST  /v3.4/reports/chats/ranking
Chats      POST  /v3.4/reports/chats/engagement
Chats      POST  /v3.4/reports/chats/greetings_conversion
Chats      POST  /v3.4/reports/chats/surveys
Chats      POST  /v3.4/reports/chats/response_time
Chats      POST  /v3.4/reports/chats/first_response_time
Agents     POST  /v3.4/reports/agents/availability
Agents     POST  /v3.4/reports/agents/performance
Since 3.5  POST  /v3.5/reports/chats/forms
Since 3.5  POST  /v3.5/reports/tags/chat_usage
Since 3.6  POST  /v3.6/reports/chats/groups
Since 3.6  POST  /v3.6/reports/chats/queued_visitors
Since 3.6  POST  /v3.6/reports/customers/unique_visitors
"""

STRUCK_OUT = {"/v3.4/reports/chats/surveys"}
"""What a later version has replaced by something else."""

PARAMETERS = """
/v3.4/reports/chats/{report}   distribution
/v3.4/reports/chats/{report}   timezone
/v3.4/reports/chats/{report}   filters.from
/v3.4/reports/chats/{report}   filters.to
/v3.4/reports/chats/{report}   filters.properties
/v3.4/reports/chats/{report}   filters.agents
/v3.4/reports/chats/{report}   filters.tags
/v3.4/reports/chats/{report}   filters.sales
/v3.4/reports/chats/{report}   filters.goals
/v3.4/reports/chats/{report}   filters.surveys
/v3.4/reports/chats/{report}   filters.event_types
/v3.4/reports/chats/{report}   filters.groups
/v3.4/reports/chats/{report}   filters.greetings.from
/v3.4/reports/chats/{report}   filters.greetings.to
/v3.4/reports/chats/{report}   filters.greetings.values
/v3.4/reports/chats/{report}   filters.greetings.groups
/v3.4/reports/chats/{report}   filters.agent_response.exists
/v3.4/reports/chats/{report}   filters.agent_response.first
/v3.4/reports/chats/{report}   filters.agent_response.agents
/v3.4/reports/chats/{report}   filters.agent_response.groups
/v3.4/reports/agents/{report}  distribution
/v3.4/reports/agents/{report}  timezone
/v3.4/reports/agents/{report}  filters.from
/v3.4/reports/agents/{report}  filters.to
/v3.4/reports/agents/{report}  filters.agents
/v3.4/reports/agents/{report}  filters.groups.values
"""
"""What the document's two tables of parameters name."""
